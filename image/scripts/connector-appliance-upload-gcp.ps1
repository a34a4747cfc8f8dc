#Requires -Version 5.1
<#
.SYNOPSIS
Uploads the disk to Google Cloud, makes an image of it and starts machines.
.DESCRIPTION
Uploads connector-appliance.tar.gz, which lies beside the script. It asks for what is not given; what exists from an
earlier run is used again. Machines have no external address: for the way to the cloud the network needs Cloud NAT.
.PARAMETER Project
Identifier of the project.
.PARAMETER Bucket
An existing bucket.
.PARAMETER Zone
Where machines run.
.PARAMETER Subnet
An existing subnet of the region of the zone.
.PARAMETER Name
Name of the machine; it is the only one then.
.PARAMETER MachineType
At least 2 processors and 4 GiB.
.PARAMETER Force
Asks nothing, and creates one machine.
.EXAMPLE
.\connector-appliance-upload-gcp.ps1 -Project project-1 -Bucket bucket-1 -Zone europe-west3-a -Force
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [ValidateNotNullOrEmpty()][string]$Project,
    [ValidateNotNullOrEmpty()][string]$Bucket,
    [ValidateNotNullOrEmpty()][string]$Zone,
    [ValidateNotNullOrEmpty()][string]$Subnet,
    [ValidateNotNullOrEmpty()][string]$Name,
    [ValidateNotNullOrEmpty()][string]$MachineType = 'e2-medium',
    [switch]$Force
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$common = Join-Path -Path $PSScriptRoot -ChildPath 'connector-appliance-common.ps1'
if (-not (Test-Path -LiteralPath $common)) { throw "$common is missing; unpack the whole archive into one directory." }
. $common
$made = [System.Collections.Generic.List[string]]::new()

# What gcloud says; it is an error when it fails.
function Invoke-Gcloud {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)][string[]]$Argument,
        [Parameter(Mandatory)][string]$Advice
    )
    & gcloud @Argument
    if ($LASTEXITCODE -ne 0) { throw "gcloud $($Argument[0..2] -join ' ') failed: $Advice." }
}

# The name of a machine that is not there yet.
function Read-MachineName {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)][string]$Project,
        [Parameter(Mandatory)][string]$Zone,
        [AllowEmptyString()][string]$Given = '',
        [switch]$Unattended
    )
    $name = Read-Answer -Parameter 'Name' -Question 'Name of the machine' -Given $Given `
        -Default 'connector-appliance' -Unattended:$Unattended
    Assert-Form -What 'the name of a machine' -Value $name -Form '^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$' `
        -Rule 'it has at most 63 lower-case letters, digits and hyphens, and starts with a letter'
    $there = Invoke-Gcloud -Advice 'the machines of the zone cannot be read' -Argument @(
        'compute', 'instances', 'list', '--project', $Project, '--zones', $Zone, '--filter', "name=$name",
        '--format', 'value(name)')
    if ($there) { throw "There is a machine '$name' in $Zone already; choose another name or delete it." }
    $name
}

if (-not (Get-Command -Name 'gcloud' -ErrorAction SilentlyContinue)) {
    throw 'gcloud is not installed; install the Google Cloud CLI.'
}
$file = Get-DiskFile -Directory $PSScriptRoot -Name 'connector-appliance.tar.gz'
$image = 'connector-appliance-' + $file.Sum.Substring(0, 16)

$account = Invoke-Gcloud -Advice 'run: gcloud auth list' -Argument @(
    'auth', 'list', '--filter', 'status:ACTIVE', '--format', 'value(account)')
if (-not $account) {
    if ($Force) { throw 'Nobody is signed in; run: gcloud auth login' }
    Invoke-Gcloud -Advice 'nobody is signed in' -Argument @('auth', 'login')
}
$projects = @(Invoke-Gcloud -Advice 'the projects cannot be read' -Argument @(
        'projects', 'list', '--format', 'value(projectId)'))
if ($projects.Count -eq 0) { throw 'There is no project; create one in the console.' }
$Project = Select-Answer -Parameter 'Project' -Question 'Project' -Choice $projects -Given $Project -Unattended:$Force
$there = @('--project', $Project, '--quiet')
$Bucket = Read-Answer -Parameter 'Bucket' -Question 'Bucket' -Given $Bucket -Unattended:$Force
Assert-Form -What 'the name of a bucket' -Value $Bucket -Form '^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$' `
    -Rule 'it has lower-case letters, digits, dots, hyphens and underscores, and no gs://'
$null = Invoke-Gcloud -Advice "create it with: gcloud storage buckets create gs://$Bucket" -Argument (@(
        'storage', 'buckets', 'describe', "gs://$Bucket", '--format', 'value(name)') + $there)
$Zone = Read-Answer -Parameter 'Zone' -Question 'Zone' -Given $Zone -Unattended:$Force
Assert-Form -What 'a zone' -Value $Zone -Form '^[a-z]+-[a-z]+[0-9]+-[a-z]$' -Rule 'it looks like europe-west3-a'
$region = Invoke-Gcloud -Advice "zone $Zone cannot be used; see: gcloud compute zones list" -Argument (@(
        'compute', 'zones', 'describe', $Zone, '--format', 'value(region.basename())') + $there)
$Subnet = Read-Answer -Parameter 'Subnet' -Question 'Subnet' -Given $Subnet -Default 'default' -Unattended:$Force
Assert-Form -What 'the name of a subnet' -Value $Subnet -Form '^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$' `
    -Rule 'it has at most 63 lower-case letters, digits and hyphens, and starts with a letter'
$null = Invoke-Gcloud -Advice "there is no subnet $Subnet in $region" -Argument (@(
        'compute', 'networks', 'subnets', 'describe', $Subnet, '--region', $region,
        '--format', 'value(name)') + $there)
$state = Invoke-Gcloud -Advice 'the images cannot be read' -Argument (@(
        'compute', 'images', 'list', '--no-standard-images', '--filter', "name=$image",
        '--format', 'value(status)') + $there)
if ($state -and $state -ne 'READY') {
    throw "Image $image is $state; wait until it is READY, or delete it if it FAILED."
}
$machine = Read-MachineName -Project $Project -Zone $Zone -Given $Name -Unattended:$Force
Wait-Confirmation -Unattended:$Force -Summary @(
    "Machine:  $machine ($MachineType) in $Zone, subnet $Subnet",
    "Bucket:   $Bucket of project $Project"
)
try {
    $object = "gs://$Bucket/$image.tar.gz"
    # An upload that broke off leaves no object, so a listed one is whole.
    $listed = if (-not $state) {
        Invoke-Gcloud -Advice "bucket $Bucket cannot be read" -Argument (@(
                'storage', 'objects', 'list', "gs://$Bucket/connector-appliance-*",
                '--format', 'value(name)') + $there)
    }
    $isThere = $state -or $listed -contains "$image.tar.gz"
    if (-not $isThere -and $PSCmdlet.ShouldProcess($object, 'upload the disk')) {
        $null = Invoke-Gcloud -Advice 'the lines above say why' -Argument (@(
                'storage', 'cp', $file.Path, $object) + $there)
        $made.Add("object $object")
    }
    if (-not $state -and $PSCmdlet.ShouldProcess($image, 'make an image')) {
        $null = Invoke-Gcloud -Advice 'the lines above say why' -Argument (@(
                'compute', 'images', 'create', $image, '--source-uri', $object,
                '--guest-os-features', 'MULTI_IP_SUBNET', '--format', 'value(name)') + $there)
        $made.Add("image $image")
    }
    while ($machine) {
        if ($PSCmdlet.ShouldProcess($machine, 'create and start the machine')) {
            $address = Invoke-Gcloud -Advice 'the lines above say why' -Argument (@(
                    'compute', 'instances', 'create', $machine, '--zone', $Zone, '--machine-type', $MachineType,
                    '--image', $image, '--subnet', $Subnet, '--no-address', '--no-service-account', '--no-scopes',
                    '--tags', 'https-server', '--format', 'value(networkInterfaces[0].networkIP)') + $there)
            $made.Add("machine $machine")
            Write-Output -InputObject "Internal IP address of ${machine}: $address"
        }
        if ($Force -or $Name -or $WhatIfPreference) { break }
        if ((Read-Host -Prompt 'Create another machine (y/n)?') -ne 'y') { break }
        $machine = Read-MachineName -Project $Project -Zone $Zone
    }
}
catch {
    Write-Remainder -Made $made
    throw
}
