#Requires -Version 5.1
<#
.SYNOPSIS
Uploads the disk to AWS, makes an image (AMI) of it and starts a machine.
.DESCRIPTION
Uploads connector-appliance.vhd, which lies beside the script. It asks for what is not given; what exists from an
earlier run is used again. The role that imports and its policy are both named vmimport: see "Required service role"
of VM Import/Export. The machine has no public address.
.PARAMETER Region
Where the machine runs.
.PARAMETER Bucket
S3 bucket in that region that the role vmimport may read.
.PARAMETER Name
Name of the machine.
.PARAMETER VpcId
Identifier of its VPC.
.PARAMETER SubnetId
Identifier of its subnet.
.PARAMETER SecurityGroupId
Identifier of a security group that allows HTTPS (443); without it, the default group of the VPC.
.PARAMETER InstanceType
At least 2 processors and 4 GiB.
.PARAMETER TimeoutMinutes
Longest time that AWS may take to import the disk.
.PARAMETER Force
Asks nothing.
.EXAMPLE
.\connector-appliance-upload-aws.ps1 -Region eu-central-1 -Bucket bucket-1 -VpcId vpc-0a1b -SubnetId subnet-0a1b -Force
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [ValidateNotNullOrEmpty()][string]$Region,
    [ValidateNotNullOrEmpty()][string]$Bucket,
    [ValidateNotNullOrEmpty()][string]$Name,
    [ValidateNotNullOrEmpty()][string]$VpcId,
    [ValidateNotNullOrEmpty()][string]$SubnetId,
    [ValidateNotNullOrEmpty()][string]$SecurityGroupId,
    [ValidateNotNullOrEmpty()][string]$InstanceType = 't2.medium',
    [ValidateRange(1, 1440)][int]$TimeoutMinutes = 60,
    [switch]$Force
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$common = Join-Path -Path $PSScriptRoot -ChildPath 'connector-appliance-common.ps1'
if (-not (Test-Path -LiteralPath $common)) { throw "$common is missing; unpack the whole archive into one directory." }
. $common
$made = [System.Collections.Generic.List[string]]::new()

# AWS.Tools has a module for each service; the two others have everything.
function Import-AwsModule {
    [CmdletBinding()]
    param()
    foreach ($whole in 'AWSPowerShell.NetCore', 'AWSPowerShell') {
        if (Get-Module -ListAvailable -Name $whole) {
            Import-Module -Name $whole
            return
        }
    }
    $services = 'AWS.Tools.EC2', 'AWS.Tools.S3', 'AWS.Tools.IdentityManagement', 'AWS.Tools.SecurityToken'
    Assert-Module -Name $services -Advice "Run: Install-Module -Name $($services -join ', ')"
    Import-Module -Name $services
}

# Refuses to go on unless the role and its policy are there.
function Assert-ImportRole {
    [CmdletBinding()]
    param()
    $null = Get-IAMRole -RoleName 'vmimport'
    $own = @(Get-IAMRolePolicyList -RoleName 'vmimport')
    $attached = @(Get-IAMAttachedRolePolicyList -RoleName 'vmimport' | ForEach-Object { $_.PolicyName })
    if (($own + $attached) -notcontains 'vmimport') {
        throw 'The role vmimport has no policy vmimport; see "Required service role" of VM Import/Export.'
    }
}

# The snapshot that an import becomes. It is looked at every 15 seconds.
function Wait-Import {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)][string]$TaskId,
        [Parameter(Mandatory)][string]$Region,
        [Parameter(Mandatory)][int]$TimeoutMinutes
    )
    $end = [DateTime]::UtcNow.AddMinutes($TimeoutMinutes)
    while ($true) {
        $detail = (Get-EC2ImportSnapshotTask -ImportTaskId $TaskId -Region $Region).SnapshotTaskDetail
        if ($detail.Status -eq 'completed') { return $detail.SnapshotId }
        if ($detail.Status -ne 'active') {
            throw "Import $TaskId is $($detail.Status): $($detail.StatusMessage); may vmimport read the bucket?"
        }
        if ([DateTime]::UtcNow -ge $end) {
            throw "Import $TaskId takes longer than $TimeoutMinutes minutes; run this again to wait on."
        }
        Write-Note -Text "Import ${TaskId}: $($detail.Progress) %, $($detail.StatusMessage)"
        Start-Sleep -Seconds 15
    }
}

# Returns when an image can be used, which is seconds after it was made.
function Wait-Image {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)][string]$ImageId,
        [Parameter(Mandatory)][string]$Region
    )
    $end = [DateTime]::UtcNow.AddMinutes(10)
    while ((Get-EC2Image -ImageId $ImageId -Region $Region).State -ne 'available') {
        if ([DateTime]::UtcNow -ge $end) { throw "Image $ImageId is not available after 10 minutes." }
        Start-Sleep -Seconds 5
    }
}

Import-AwsModule
$file = Get-DiskFile -Directory $PSScriptRoot -Name 'connector-appliance.vhd'
$label = 'connector-appliance-' + $file.Sum.Substring(0, 16)
try { $null = Get-STSCallerIdentity }
catch { throw "AWS does not know who asks; run Set-AWSCredential and Initialize-AWSDefaultConfiguration. $_" }

$own = Get-DefaultAWSRegion
$usual = if ($null -ne $own) { $own.Region } else { '' }
$Region = Read-Answer -Parameter 'Region' -Question 'Region' -Given $Region -Default $usual -Unattended:$Force
Assert-Form -What 'a region' -Value $Region -Form '^[a-z]{2}(-[a-z]+)+-[0-9]$' -Rule 'it looks like eu-central-1'
$there = @{ Region = $Region }
$null = Get-EC2Region -RegionName $Region @there
$Bucket = Read-Answer -Parameter 'Bucket' -Question 'S3 bucket' -Given $Bucket -Unattended:$Force
Assert-Form -What 'the name of a bucket' -Value $Bucket -Form '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$' `
    -Rule 'it has 3 to 63 lower-case letters, digits, dots and hyphens'
$bucketPlace = (Get-S3BucketLocation -BucketName $Bucket @there).Value
# The first region has no name here, the first one in Europe an old one.
if (-not $bucketPlace) { $bucketPlace = 'us-east-1' }
if ($bucketPlace -eq 'EU') { $bucketPlace = 'eu-west-1' }
if ($bucketPlace -ne $Region) { throw "Bucket $Bucket is in $bucketPlace; choose one in $Region." }
Assert-ImportRole

$Name = Read-Answer -Parameter 'Name' -Question 'Name of the machine' -Given $Name `
    -Default 'Connector Appliance' -Unattended:$Force
Assert-Form -What 'the name of a machine' -Value $Name -Form '^[^,*?"\\{}\[\]\p{Cc}]{1,255}$' `
    -Rule 'it has at most 255 characters and none of , * ? " \ [ ] { }'
$VpcId = Read-Answer -Parameter 'VpcId' -Question 'VPC (vpc-...)' -Given $VpcId -Unattended:$Force
$null = Get-EC2Vpc -VpcId $VpcId @there
$SubnetId = Read-Answer -Parameter 'SubnetId' -Question 'Subnet (subnet-...)' -Given $SubnetId -Unattended:$Force
if ((Get-EC2Subnet -SubnetId $SubnetId @there).VpcId -ne $VpcId) {
    throw "$SubnetId is not in $VpcId; choose another one."
}
$inVpc = @{ Name = 'vpc-id'; Values = $VpcId }
$groups = @(Get-EC2SecurityGroup -Filter $inVpc @there)
$group = $groups | Where-Object {
    if ($SecurityGroupId) { $_.GroupId -eq $SecurityGroupId } else { $_.GroupName -eq 'default' }
}
if ($null -eq $group) { throw "$VpcId has no such security group; give -SecurityGroupId." }
$offer = @(Get-EC2InstanceTypeOffering -Filter @{ Name = 'instance-type'; Values = $InstanceType } @there)
if ($offer.Count -eq 0) { throw "$Region does not offer $InstanceType; give -InstanceType t3.medium." }
$states = @{ Name = 'instance-state-name'; Values = 'pending', 'running', 'stopping', 'stopped' }
$same = @(Get-EC2Instance -Filter $inVpc, $states, @{ Name = 'tag:Name'; Values = $Name } @there)
if ($same.Count -gt 0) { throw "$VpcId has a machine '$Name' already; choose another name or terminate it." }

Wait-Confirmation -Unattended:$Force -Summary @(
    "Machine:  $Name ($InstanceType) in $Region",
    "Network:  $VpcId, $SubnetId, $($group.GroupId)",
    "Bucket:   $Bucket"
)
try {
    $image = Get-EC2Image -Owner 'self' -Filter @{ Name = 'name'; Values = $label } @there |
        Where-Object { $_.State -eq 'available' } | Select-Object -ExpandProperty ImageId
    if ($image) { Write-Note -Text "Image $image is there already." }
    $tagged = @{ Name = 'tag:connector-appliance-sha256'; Values = $file.Sum }
    $snapshot = Get-EC2Snapshot -OwnerId 'self' -Filter $tagged, @{ Name = 'status'; Values = 'completed' } @there |
        Select-Object -First 1 -ExpandProperty SnapshotId
    $uploaded = Get-S3Object -BucketName $Bucket -Key "$label.vhd" @there |
        Where-Object { $_.Key -ceq "$label.vhd" -and $_.Size -eq $file.Length }

    if (-not $image -and -not $snapshot -and -not $uploaded -and
        $PSCmdlet.ShouldProcess("s3://$Bucket/$label.vhd", 'upload the disk')) {
        Write-S3Object -BucketName $Bucket -Key "$label.vhd" -File $file.Path @there
        $made.Add("object s3://$Bucket/$label.vhd")
    }
    if (-not $image -and -not $snapshot -and $PSCmdlet.ShouldProcess($label, 'import the disk as a snapshot')) {
        $task = Get-EC2ImportSnapshotTask @there |
            Where-Object { $_.Description -ceq $label -and $_.SnapshotTaskDetail.Status -eq 'active' } |
            Select-Object -First 1 -ExpandProperty ImportTaskId
        if (-not $task) {
            $container = @{
                DiskContainer_Format   = 'VHD'
                DiskContainer_S3Bucket = $Bucket
                DiskContainer_S3Key    = "$label.vhd"
            }
            $import = Import-EC2Snapshot -Description $label @container @there
            $task = $import.ImportTaskId
            $made.Add("import $task")
        }
        $snapshot = Wait-Import -TaskId $task -Region $Region -TimeoutMinutes $TimeoutMinutes
        $made.Add("snapshot $snapshot")
        New-EC2Tag -Resource $snapshot -Tag @{ Key = 'connector-appliance-sha256'; Value = $file.Sum } @there
    }
    if (-not $image -and $PSCmdlet.ShouldProcess($label, 'make an image of the snapshot')) {
        $volume = @{ SnapshotId = $snapshot; VolumeType = 'gp3'; DeleteOnTermination = $true }
        $root = @{ DeviceName = '/dev/xvda'; Ebs = $volume }
        $image = Register-EC2Image -Name $label -Description 'Connector Appliance' -Architecture 'x86_64' `
            -VirtualizationType 'hvm' -BootMode 'legacy-bios' -EnaSupport $true -ImdsSupport 'v2.0' `
            -RootDeviceName '/dev/xvda' -BlockDeviceMapping $root @there
        $made.Add("image $image")
        Wait-Image -ImageId $image -Region $Region
    }
    if ($PSCmdlet.ShouldProcess($Name, 'create and start the machine')) {
        $tags = @{ ResourceType = 'instance'; Tags = @{ Key = 'Name'; Value = $Name } }
        $started = New-EC2Instance -ImageId $image -MinCount 1 -MaxCount 1 -InstanceType $InstanceType `
            -SubnetId $SubnetId -SecurityGroupId $group.GroupId -AssociatePublicIp $false `
            -MetadataOptions_HttpToken 'required' -TagSpecification $tags @there
        Write-Output -InputObject "Private IP address: $($started.Instances[0].PrivateIpAddress)"
    }
}
catch {
    Write-Remainder -Made $made
    throw
}
