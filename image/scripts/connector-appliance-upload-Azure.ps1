#Requires -Version 5.1
<#
.SYNOPSIS
Uploads the disk to Microsoft Azure as a managed disk and starts machines with copies of it.
.DESCRIPTION
Uploads connector-appliance-azure.vhd, which lies beside the script. It asks for what is not given; what exists from
an earlier run is used again. Machines run in the region of the virtual network and have no public address.
.PARAMETER Subscription
Name or identifier of the subscription.
.PARAMETER ResourceGroup
An existing resource group.
.PARAMETER Network
An existing virtual network.
.PARAMETER NetworkResourceGroup
Where that is; without it, the same resource group.
.PARAMETER Subnet
A subnet of the network.
.PARAMETER Name
Name of the machine; it is the only one then.
.PARAMETER Size
At least 2 processors and 4 GiB.
.PARAMETER Force
Asks nothing, and creates one machine.
.EXAMPLE
.\connector-appliance-upload-Azure.ps1 -ResourceGroup rg -Network vnet -Subnet default -Name connector-1 -Force
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [ValidateNotNullOrEmpty()][string]$Subscription,
    [ValidateNotNullOrEmpty()][string]$ResourceGroup,
    [ValidateNotNullOrEmpty()][string]$Network,
    [ValidateNotNullOrEmpty()][string]$NetworkResourceGroup,
    [ValidateNotNullOrEmpty()][string]$Subnet,
    [ValidateNotNullOrEmpty()][string]$Name,
    [ValidateNotNullOrEmpty()][string]$Size = 'Standard_B2s',
    [switch]$Force
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$common = Join-Path -Path $PSScriptRoot -ChildPath 'connector-appliance-common.ps1'
if (-not (Test-Path -LiteralPath $common)) { throw "$common is missing; unpack the whole archive into one directory." }
. $common
$made = [System.Collections.Generic.List[string]]::new()

# A disk of this name, if it is whole, of this release, and used by no machine. Only a whole one has the tag.
function Get-WholeDisk {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)][string]$ResourceGroup,
        [Parameter(Mandatory)][string]$Name,
        [Parameter(Mandatory)][string]$Sum,
        [Parameter(Mandatory)][string]$Location
    )
    $disk = Get-AzDisk -ResourceGroupName $ResourceGroup | Where-Object { $_.Name -eq $Name }
    if ($null -eq $disk) { return }
    $isWhole = $null -ne $disk.Tags -and $disk.Tags.ContainsKey('sha256') -and $disk.Tags['sha256'] -eq $Sum
    if (-not $isWhole -or $disk.DiskState -ne 'Unattached' -or $disk.Location -ne $Location) {
        throw "The disk '$Name' is another one or was not uploaded to the end; delete it and run this again."
    }
    Write-Note -Text "The disk $Name is there already."
    $disk
}

# The name of a machine that is not there yet.
function Read-MachineName {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)][string]$ResourceGroup,
        [AllowEmptyString()][string]$Given = '',
        [switch]$Unattended
    )
    $name = Read-Answer -Parameter 'Name' -Question 'Name of the machine' -Given $Given `
        -Default 'connector-appliance' -Unattended:$Unattended
    Assert-Form -What 'the name of a machine' -Value $name -Form '^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?$' `
        -Rule 'it has at most 64 letters (a-z), digits and hyphens, with no hyphen at either end'
    if (@(Get-AzVM -ResourceGroupName $ResourceGroup | Where-Object { $_.Name -eq $name }).Count -gt 0) {
        throw "There is a machine '$name' already; choose another name or delete it."
    }
    $name
}

Assert-Module -Name 'Az.Accounts', 'Az.Compute', 'Az.Network', 'Az.Resources' -Advice 'Run: Install-Module -Name Az'
$file = Get-DiskFile -Directory $PSScriptRoot -Name 'connector-appliance-azure.vhd'
$image = 'connector-appliance-' + $file.Sum.Substring(0, 16)

# Who signs in and which subscription is used is settled in a trial run as well, or nothing could be looked at.
if ($null -eq (Get-AzContext)) {
    if ($Force) { throw 'Nobody is signed in; run Connect-AzAccount first.' }
    $null = Connect-AzAccount -WhatIf:$false
}
$subscriptions = @(Get-AzSubscription)
$choices = @($subscriptions | Select-Object -ExpandProperty Name) + @($subscriptions | Select-Object -ExpandProperty Id)
$Subscription = Select-Answer -Parameter 'Subscription' -Question 'Subscription' -Choice $choices `
    -Given $Subscription -Default (Get-AzContext).Subscription.Name -Unattended:$Force
$null = Set-AzContext -Subscription $Subscription -WhatIf:$false

$ResourceGroup = Select-Answer -Parameter 'ResourceGroup' -Question 'Resource group' -Given $ResourceGroup `
    -Choice @(Get-AzResourceGroup | Select-Object -ExpandProperty ResourceGroupName) -Unattended:$Force
if (-not $NetworkResourceGroup) { $NetworkResourceGroup = $ResourceGroup }
$networks = @(Get-AzVirtualNetwork -ResourceGroupName $NetworkResourceGroup)
if ($networks.Count -eq 0) { throw "'$NetworkResourceGroup' has no virtual network; give -NetworkResourceGroup." }
$Network = Select-Answer -Parameter 'Network' -Question 'Virtual network' -Given $Network `
    -Choice @($networks | Select-Object -ExpandProperty Name) -Unattended:$Force
$chosen = $networks | Where-Object { $_.Name -eq $Network }
$Subnet = Select-Answer -Parameter 'Subnet' -Question 'Subnet' -Given $Subnet `
    -Choice @($chosen.Subnets | Select-Object -ExpandProperty Name) -Unattended:$Force
$subnetId = ($chosen.Subnets | Where-Object { $_.Name -eq $Subnet }).Id
$place = @{ ResourceGroupName = $ResourceGroup; Location = $chosen.Location }
$known = @{ ResourceGroup = $ResourceGroup; Sum = $file.Sum; Location = $chosen.Location }
$source = Get-WholeDisk @known -Name $image
$machine = Read-MachineName -ResourceGroup $ResourceGroup -Given $Name -Unattended:$Force
Wait-Confirmation -Unattended:$Force -Summary @(
    "Machine:         $machine ($Size) in $($chosen.Location)",
    "Resource group:  $ResourceGroup",
    "Network:         $Network, $Subnet"
)
try {
    if ($null -eq $source -and $PSCmdlet.ShouldProcess($image, 'upload the disk')) {
        try {
            $null = Add-AzVhd @place -LocalFilePath $file.Path -DiskName $image -DiskSku 'StandardSSD_LRS' `
                -DiskHyperVGeneration 'V1' -DiskOsType 'Linux'
            $tag = New-AzDiskUpdateConfig -Tag @{ sha256 = $file.Sum }
            $source = Update-AzDisk -ResourceGroupName $ResourceGroup -DiskName $image -DiskUpdate $tag
        }
        catch {
            Write-Warning -Message "If there is a disk '$image' by now, it is not whole: delete it before the next run."
            throw
        }
        $made.Add("disk $image")
    }
    while ($machine) {
        if ($PSCmdlet.ShouldProcess($machine, 'create and start the machine')) {
            $root = Get-WholeDisk @known -Name "$machine-disk"
            if ($null -eq $root) {
                $copy = New-AzDiskConfig -Location $chosen.Location -CreateOption 'Copy' -SourceResourceId $source.Id `
                    -SkuName 'StandardSSD_LRS' -OsType 'Linux' -HyperVGeneration 'V1' -Tag @{ sha256 = $file.Sum }
                $root = New-AzDisk -ResourceGroupName $ResourceGroup -DiskName "$machine-disk" -Disk $copy
                $made.Add("disk $machine-disk")
            }
            $card = Get-AzNetworkInterface -ResourceGroupName $ResourceGroup |
                Where-Object { $_.Name -eq "$machine-nic" }
            if ($null -eq $card) {
                $card = New-AzNetworkInterface @place -Name "$machine-nic" -SubnetId $subnetId
                $made.Add("network interface $machine-nic")
            }
            elseif ($null -ne $card.VirtualMachine -or $card.IpConfigurations[0].Subnet.Id -ne $subnetId) {
                throw "The network interface '$machine-nic' is another one; delete it, or choose another name."
            }
            $plan = New-AzVMConfig -VMName $machine -VMSize $Size |
                Set-AzVMOSDisk -ManagedDiskId $root.Id -CreateOption 'Attach' -Linux |
                Add-AzVMNetworkInterface -Id $card.Id |
                Set-AzVMBootDiagnostic -Enable
            $null = New-AzVM @place -VM $plan
            $made.Add("machine $machine")
            Write-Output -InputObject "Private IP address of ${machine}: $($card.IpConfigurations[0].PrivateIpAddress)"
        }
        if ($Force -or $Name -or $WhatIfPreference) { break }
        if ((Read-Host -Prompt 'Create another machine (y/n)?') -ne 'y') { break }
        $machine = Read-MachineName -ResourceGroup $ResourceGroup
    }
}
catch {
    Write-Remainder -Made $made
    throw
}
