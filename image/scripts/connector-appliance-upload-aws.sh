#!/bin/bash
# Uploads the disk to AWS, makes an image (AMI) of it and starts a machine.
set -euo pipefail

script_directory=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
known_options=(region bucket name vpc subnet security-group instance-type timeout-minutes poll-seconds)
common=$script_directory/connector-appliance-common.sh
[ -r "$common" ] || { echo "$common is missing; unpack the whole archive into one directory" >&2; exit 1; }
# shellcheck source=connector-appliance-common.sh
. "$common"

usage() {
    cat <<END
usage: $program [option...]
Uploads connector-appliance.vhd, which lies beside it, to AWS, makes an image of it and starts a machine. It asks
for what is not given; what exists from an earlier run is used again.
  --region REGION            where the machine runs
  --bucket BUCKET            S3 bucket in that region that the role vmimport may read
  --name NAME                name of the machine
  --vpc VPC, --subnet SUBNET identifiers of its network
  --security-group GROUP     identifier; without it, the default group of the VPC. It must allow HTTPS (443)
  --instance-type TYPE       at least 2 processors and 4 GiB; without it, t2.medium
  --timeout-minutes MINUTES  longest time that AWS may take to import the disk; without it, 60
  --poll-seconds SECONDS     how often that is looked at; without it, 15
  --yes                      ask nothing
  --dry-run                  look, and say what would be done
The role and its policy are both named vmimport: see "Required service role" of VM Import/Export.
END
}

# The AWS CLI in the region, answering a query as text.
ec2() {
    aws ec2 "$@" --region "$region" --output text
}

choose_region() {
    ask region "Region" "${AWS_REGION:-$(aws configure get region || true)}"
    region=$answer
    check_form "a region" "$region" '^[a-z]{2}(-[a-z]+)+-[0-9]$' "it looks like eu-central-1"
    look "region $region cannot be used; 'aws ec2 describe-regions' lists those that can" \
        ec2 describe-regions --region-names "$region" --query 'Regions[0].RegionName'
}

choose_bucket() {
    ask bucket "S3 bucket"
    bucket=$answer
    check_form "the name of a bucket" "$bucket" '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$' \
        "it has 3 to 63 lower-case letters, digits, dots and hyphens"
    look "bucket $bucket cannot be used; create it in $region, or ask for access" \
        aws s3api get-bucket-location --bucket "$bucket" --query LocationConstraint --output text
    local place=$output
    # The first region has no name here, the first one in Europe an old one.
    case $place in None | '') place=us-east-1 ;; EU) place=eu-west-1 ;; esac
    [ "$place" = "$region" ] || fail "bucket $bucket is in $place; choose one in $region"
}

check_role() {
    local advice="create role and policy, both named vmimport: 'Required service role' of VM Import/Export"
    look "there is no role vmimport; $advice" \
        aws iam get-role --role-name vmimport --query Role.RoleName --output text
    aws iam get-role-policy --role-name vmimport --policy-name vmimport --query PolicyName --output text \
        >/dev/null 2>&1 && return
    look "the policies of the role vmimport cannot be read; ask for iam:ListAttachedRolePolicies" \
        aws iam list-attached-role-policies --role-name vmimport \
        --query "AttachedPolicies[?PolicyName=='vmimport'].PolicyName | [0]" --output text
    ! is_nothing "$output" || fail "the role vmimport has no policy vmimport; $advice"
}

choose_name() {
    ask name "Name of the machine" "Connector Appliance"
    name=$answer
    check_form "the name of a machine" "$name" '^[^][,*?"\\{}[:cntrl:]]{1,255}$' \
        "it has at most 255 octets and none of , * ? \" \\ [ ] { }"
}

choose_network() {
    ask vpc "VPC (vpc-...)"
    vpc=$answer
    check_form "the identifier of a VPC" "$vpc" '^vpc-[0-9a-f]+$' "it looks like vpc-0123456789abcdef0"
    look "there is no $vpc in $region; 'aws ec2 describe-vpcs --region $region' lists them" \
        ec2 describe-vpcs --vpc-ids "$vpc" --query 'Vpcs[0].VpcId'
    ask subnet "Subnet (subnet-...)"
    subnet=$answer
    check_form "the identifier of a subnet" "$subnet" '^subnet-[0-9a-f]+$' "it looks like subnet-0123456789abcdef0"
    look "there is no $subnet in $region; 'aws ec2 describe-subnets --region $region' lists them" \
        ec2 describe-subnets --subnet-ids "$subnet" --query 'Subnets[0].VpcId'
    [ "$output" = "$vpc" ] || fail "$subnet is not in $vpc but in $output; choose another one"
    choose_security_group
}

choose_security_group() {
    if is_given security-group; then
        group=${options[security-group]}
        look "there is no security group $group in $region; create it, with HTTPS (443) allowed" \
            ec2 describe-security-groups --group-ids "$group" --query 'SecurityGroups[0].VpcId'
        [ "$output" = "$vpc" ] || fail "security group $group is not in $vpc; choose another one"
        return
    fi
    look "the security groups of $vpc cannot be read; give --security-group" ec2 describe-security-groups \
        --filters "Name=vpc-id,Values=$vpc" Name=group-name,Values=default --query 'SecurityGroups[0].GroupId'
    ! is_nothing "$output" || fail "$vpc has no default security group; give --security-group"
    group=$output
}

check_instance() {
    type=${options[instance-type]-t2.medium}
    look "the instance types of $region cannot be read" ec2 describe-instance-type-offerings \
        --filters "Name=instance-type,Values=$type" --query 'InstanceTypeOfferings[0].InstanceType'
    ! is_nothing "$output" || fail "$region does not offer $type; give --instance-type t3.medium"
    look "the machines of $vpc cannot be read" ec2 describe-instances --filters \
        "[{\"Name\":\"tag:Name\",\"Values\":[\"$name\"]},{\"Name\":\"vpc-id\",\"Values\":[\"$vpc\"]},
          {\"Name\":\"instance-state-name\",\"Values\":[\"pending\",\"running\",\"stopping\",\"stopped\"]}]" \
        --query 'Reservations[].Instances[].InstanceId | [0]'
    is_nothing "$output" || fail "$vpc has a machine '$name' already ($output); choose another name or terminate it"
}

upload() {
    local size
    size=$(aws s3api head-object --bucket "$bucket" --key "$label.vhd" --region "$region" --query ContentLength \
        --output text 2>/dev/null || true)
    if [ "$size" = "$disk_bytes" ]; then
        say "s3://$bucket/$label.vhd is there already"
        return
    fi
    say "uploading to s3://$bucket/$label.vhd"
    change "object s3://$bucket/$label.vhd" "" \
        aws s3 cp "$disk" "s3://$bucket/$label.vhd" --region "$region" --only-show-errors
}

# Sets `snapshot`, to one of an earlier run if there is one.
import() {
    look "the snapshots of $region cannot be read" ec2 describe-snapshots --owner-ids self --filters \
        "Name=tag:connector-appliance-sha256,Values=$disk_sum" Name=status,Values=completed \
        --query 'Snapshots[0].SnapshotId'
    snapshot=$output
    if ! is_nothing "$snapshot"; then
        say "snapshot $snapshot is there already"
        return
    fi
    upload
    start_import
    if is_given dry-run; then snapshot="(new snapshot)"; else wait_for_import; fi
    change "" "" ec2 create-tags --resources "$snapshot" --tags "Key=connector-appliance-sha256,Value=$disk_sum"
}

# Sets `import_task`, to one that is under way from an earlier run if there is one.
start_import() {
    look "the imports of $region cannot be read" ec2 describe-import-snapshot-tasks --query \
        "ImportSnapshotTasks[?Description=='$label' && SnapshotTaskDetail.Status=='active'].ImportTaskId | [0]"
    import_task=$output
    if ! is_nothing "$import_task"; then
        say "import $import_task is under way already"
        return
    fi
    change "import" "(new import)" ec2 import-snapshot --description "$label" \
        --disk-container "Format=VHD,UserBucket={S3Bucket=$bucket,S3Key=$label.vhd}" --query ImportTaskId
    import_task=$output
}

wait_for_import() {
    local status progress message end=$((SECONDS + 60 * timeout_minutes))
    while :; do
        look "import $import_task cannot be looked at" ec2 describe-import-snapshot-tasks \
            --import-task-ids "$import_task" --query \
            'ImportSnapshotTasks[0].SnapshotTaskDetail.[Status,SnapshotId,Progress,StatusMessage]'
        IFS=$'\t' read -r status snapshot progress message <<<"$output"
        case $status in
            completed) break ;;
            active) say "import $import_task: $progress %, $message" ;;
            *) fail "import $import_task is $status: $message; may the role vmimport read bucket $bucket?" ;;
        esac
        [ "$SECONDS" -lt "$end" ] ||
            fail "import $import_task takes longer than $timeout_minutes minutes; run this again to wait on"
        sleep "$poll_seconds"
    done
    made+=("snapshot $snapshot")
}

# Sets `image`, to one of an earlier run if there is one.
make_image() {
    look "the images of $region cannot be read" ec2 describe-images --owners self \
        --filters "Name=name,Values=$label" --query "Images[?State=='available'].ImageId | [0]"
    image=$output
    if ! is_nothing "$image"; then
        say "image $image is there already"
        return
    fi
    import
    change "image" "(new image)" ec2 register-image --name "$label" --description "Connector Appliance" \
        --architecture x86_64 --virtualization-type hvm --boot-mode legacy-bios --ena-support --imds-support v2.0 \
        --root-device-name /dev/xvda --block-device-mappings \
        "DeviceName=/dev/xvda,Ebs={SnapshotId=$snapshot,VolumeType=gp3,DeleteOnTermination=true}" --query ImageId
    image=$output
    change "" "" aws ec2 wait image-available --image-ids "$image" --region "$region"
}

make_machine() {
    change "machine" "(new machine) (its address)" ec2 run-instances --image-id "$image" --instance-type "$type" \
        --subnet-id "$subnet" --security-group-ids "$group" --no-associate-public-ip-address \
        --metadata-options HttpTokens=required --tag-specifications \
        "[{\"ResourceType\":\"instance\",\"Tags\":[{\"Key\":\"Name\",\"Value\":\"$name\"}]}]" \
        --query 'Instances[0].[InstanceId,PrivateIpAddress]'
    if is_given dry-run; then return; fi
    echo "Private IP address: ${output##*$'\t'}"
}

read_options "$@"
timeout_minutes=${options[timeout-minutes]-60}
poll_seconds=${options[poll-seconds]-15}
check_form "a number of minutes" "$timeout_minutes" '^[0-9]{1,4}$' "it has at most four digits"
check_form "a number of seconds" "$poll_seconds" '^[0-9]{1,4}$' "it has at most four digits"
need_program aws "install the AWS CLI, version 2"
find_disk connector-appliance.vhd
label=connector-appliance-${disk_sum:0:16}
look "AWS does not know who asks; run 'aws configure' or 'aws sso login'" \
    aws sts get-caller-identity --query Account --output text
choose_region
choose_bucket
check_role
choose_name
choose_network
check_instance
confirm "machine '$name' ($type) in $region, $vpc, $subnet, $group, by bucket $bucket"
make_image
make_machine
