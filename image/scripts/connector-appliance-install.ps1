#Requires -Version 5.1
<#
.SYNOPSIS
Creates a Connector Appliance on this Hyper-V host and starts it.
.DESCRIPTION
Copies connector-appliance.vhdx, which lies beside the script, and makes a machine of generation 1 with 2 processors
and 4 GB of static memory of it. It asks for what is not given, shows a summary, and waits for Enter.
The script is not signed: https://go.microsoft.com/fwlink/?LinkID=135170 says how such scripts are run.
.PARAMETER Name
Name of the machine.
.PARAMETER Destination
Directory of the root disk; without it, where Hyper-V has its disks.
.PARAMETER DiskName
File name of the root disk in that directory.
.PARAMETER SwitchName
The virtual switch.
.PARAMETER Force
Asks nothing.
.EXAMPLE
.\connector-appliance-install.ps1 -SwitchName 'Default Switch' -Force
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [ValidateNotNullOrEmpty()][string]$Name,
    [ValidateNotNullOrEmpty()][string]$Destination,
    [ValidateNotNullOrEmpty()][string]$DiskName,
    [ValidateNotNullOrEmpty()][string]$SwitchName,
    [switch]$Force
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$common = Join-Path -Path $PSScriptRoot -ChildPath 'connector-appliance-common.ps1'
if (-not (Test-Path -LiteralPath $common)) { throw "$common is missing; unpack the whole archive into one directory." }
. $common
$made = [System.Collections.Generic.List[string]]::new()

# A disk of an earlier run is used again if it is untouched and no machine has it.
function Test-CopiedDisk {
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory)][string]$Path,
        [Parameter(Mandatory)][string]$Sum
    )
    if (-not (Test-Path -LiteralPath $Path)) { return $false }
    $users = @(Get-VM | Get-VMHardDiskDrive | Where-Object { $_.Path -eq $Path })
    if ($users.Count -gt 0) { throw "The machine '$($users[0].VMName)' uses $Path; choose another file name." }
    if ((Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash -ne $Sum) {
        throw "$Path is another disk; choose another file name, or remove it."
    }
    Write-Note -Text "$Path is there already."
    $true
}

Assert-Module -Name 'Hyper-V' -Advice 'Add the Windows feature Hyper-V with its module for PowerShell.'
$disk = Get-DiskFile -Directory $PSScriptRoot -Name 'connector-appliance.vhdx'
$switches = @(Get-VMSwitch | Select-Object -ExpandProperty Name)
if ($switches.Count -eq 0) { throw 'There is no virtual switch; create one with New-VMSwitch.' }

$Name = Read-Answer -Parameter 'Name' -Question 'Name of the machine' -Given $Name `
    -Default 'Connector Appliance' -Unattended:$Force
if ($Name.Length -gt 100) { throw 'The name of the machine is longer than 100 characters.' }
if (@(Get-VM | Where-Object { $_.Name -eq $Name }).Count -gt 0) {
    throw "There is a machine '$Name' already; choose another name, or remove it with Remove-VM."
}
$Destination = Read-Answer -Parameter 'Destination' -Question 'Destination of the root disk' -Given $Destination `
    -Default (Get-VMHost).VirtualHardDiskPath -Unattended:$Force
if (-not (Test-Path -LiteralPath $Destination -PathType Container)) {
    throw "There is no directory $Destination; create it, or choose another one."
}
$DiskName = Read-Answer -Parameter 'DiskName' -Question 'File name of the root disk' -Given $DiskName `
    -Default 'connector-appliance.vhdx' -Unattended:$Force
Assert-Form -What 'the file name of a disk' -Value $DiskName -Form '^[^\\/:*?"<>|]+\.vhdx$' `
    -Rule 'it ends with .vhdx and has none of \ / : * ? " < > |'
$SwitchName = Select-Answer -Parameter 'SwitchName' -Question 'Switch' -Choice $switches -Given $SwitchName `
    -Unattended:$Force
$path = Join-Path -Path (Convert-Path -LiteralPath $Destination) -ChildPath $DiskName
$isCopied = Test-CopiedDisk -Path $path -Sum $disk.Sum

Wait-Confirmation -Unattended:$Force -Summary @(
    "Machine:    $Name, generation 1, 2 processors, 4 GB",
    "Root disk:  $path",
    "Switch:     $SwitchName"
)
try {
    if (-not $isCopied -and $PSCmdlet.ShouldProcess($path, 'copy the root disk')) {
        Copy-Item -LiteralPath $disk.Path -Destination $path
        $made.Add("disk $path")
    }
    if ($PSCmdlet.ShouldProcess($Name, 'create and start the machine')) {
        $machine = New-VM -Name $Name -Generation 1 -MemoryStartupBytes 4GB -VHDPath $path -SwitchName $SwitchName
        $made.Add("machine $Name, which has to be removed before the next run")
        Set-VMMemory -VM $machine -DynamicMemoryEnabled $false
        Set-VMProcessor -VM $machine -Count 2
        Start-VM -VM $machine
        Write-Output -InputObject "The machine '$Name' has started; its console shows the address."
    }
}
catch {
    Write-Remainder -Made $made
    throw
}
