#!/bin/bash
# Uploads the disk to Microsoft Azure as a managed disk and starts machines with copies of it.
set -euo pipefail

script_directory=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
known_options=(subscription resource-group network network-resource-group subnet name size)
common=$script_directory/connector-appliance-common.sh
[ -r "$common" ] || { echo "$common is missing; unpack the whole archive into one directory" >&2; exit 1; }
# shellcheck source=connector-appliance-common.sh
. "$common"

usage() {
    cat <<END
usage: $program [option...]
Uploads connector-appliance-azure.vhd, which lies beside it, to Microsoft Azure and starts machines with copies
of it. It asks for what is not given; what exists from an earlier run is used again.
  --subscription NAME|ID          where everything is created
  --resource-group GROUP          an existing one in it
  --network NAME                  an existing virtual network; machines run in its region
  --network-resource-group GROUP  where that is; without it, the same resource group
  --subnet NAME                   a subnet of the network
  --name NAME                     name of the machine; it is the only one then
  --size SIZE                     at least 2 processors and 4 GiB; without it, Standard_B2s
  --yes                           ask nothing, create one machine
  --dry-run                       look, and say what would be done
END
}

# The Azure CLI in the subscription, answering a query as text.
azure() {
    az "$@" --subscription "$subscription" --output tsv
}

sign_in() {
    if az account show --query id --output tsv >/dev/null 2>&1; then return; fi
    if is_given yes || is_given dry-run; then fail "nobody is signed in; run 'az login' first"; fi
    az login --output none || fail "nobody is signed in; run 'az login' and then this again"
}

choose_subscription() {
    local current
    look "the subscription cannot be read; run 'az account show'" az account show --query name --output tsv
    current=$output
    if ! is_given subscription && ! is_given yes; then
        az account list --query '[].[name, id]' --output tsv >&2
    fi
    ask subscription "Subscription" "$current"
    subscription=$answer
    look "subscription '$subscription' cannot be used; 'az account list' lists those that can" \
        azure account show --query id
    subscription=$output
}

choose_network() {
    ask resource-group "Resource group"
    resource_group=$answer
    look "there is no resource group '$resource_group'; create it with 'az group create'" \
        azure group show --name "$resource_group" --query name
    ask network "Virtual network"
    network=$answer
    local place=${options[network-resource-group]-$resource_group}
    look "there is no virtual network '$network' in '$place'; create it, or give --network-resource-group" \
        azure network vnet show --resource-group "$place" --name "$network" --query location
    region=$output
    ask subnet "Subnet" default
    look "there is no subnet '$answer' in '$network'; create it with 'az network vnet subnet create'" \
        azure network vnet subnet show --resource-group "$place" --vnet-name "$network" --name "$answer" --query id
    subnet=$output
}

choose_name() {
    ask name "Name of the machine" connector-appliance
    name=$answer
    check_form "the name of a machine" "$name" '^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?$' \
        "it has at most 64 letters (a-z), digits and hyphens, with no hyphen at either end"
    look "the machines of '$resource_group' cannot be read" azure vm list --resource-group "$resource_group" \
        --query "[?name=='$name'].id | [0]"
    is_nothing "$output" || fail "there is a machine '$name' already; choose another name or delete it"
    look_for_disk "$name-disk"
    has_machine_disk=$has_disk
}

# Sets `has_disk`: whether a disk of this name is there, whole, and used by no machine. Only a disk that is
# whole has the checksum as its tag.
look_for_disk() {
    look "the disks of '$resource_group' cannot be read" azure disk list --resource-group "$resource_group" \
        --query "[?name=='$1'].[diskState, tags.sha256 || 'none', location] | [0]"
    has_disk=no
    if is_nothing "$output"; then return; fi
    local state sum place
    IFS=$'\t' read -r state sum place <<<"${output//$'\n'/$'\t'}"
    if [ "$state" != Unattached ] || [ "$sum" != "$disk_sum" ] || [ "$place" != "$region" ]; then
        fail "disk '$1' is another one or was not uploaded to the end ($state, $place); delete it and run this again"
    fi
    say "disk $1 is there already"
    has_disk=yes
}

upload() {
    if [ "$has_image" = yes ]; then return; fi
    change "" "" azure disk create --resource-group "$resource_group" --name "$image" --location "$region" \
        --os-type Linux --hyper-v-generation V1 --sku StandardSSD_LRS --upload-type Upload \
        --upload-size-bytes "$disk_bytes" --query name
    # Half a disk is of no use, and an address that lets anybody write must not stay.
    undo=discard_upload
    change "" "(address for the upload)" azure disk grant-access --resource-group "$resource_group" \
        --name "$image" --access-level Write --duration-in-seconds 86400 --query 'accessSas || accessSAS'
    send "$output"
    change "" "" azure disk revoke-access --resource-group "$resource_group" --name "$image"
    change "disk" "" azure disk update --resource-group "$resource_group" --name "$image" \
        --set "tags.sha256=$disk_sum" --query name
    undo=
}

# Sends the file to an address that is a secret.
send() {
    if is_given dry-run; then
        say "would run: azcopy copy ${disk@Q} '(address for the upload)' --blob-type PageBlob"
        return
    fi
    say "uploading; what is empty is not sent"
    azcopy copy "$disk" "$1" --blob-type PageBlob >&2 || fail "the upload failed; the lines above say why"
}

discard_upload() {
    if is_given dry-run; then return; fi
    say "discarding disk $image, which is not whole"
    azure disk revoke-access --resource-group "$resource_group" --name "$image" || true
    azure disk delete --resource-group "$resource_group" --name "$image" --yes ||
        say "disk $image is still there; delete it before the next run"
}

make_machine() {
    local source=/subscriptions/$subscription/resourceGroups/$resource_group/providers/Microsoft.Compute/disks/$image
    if [ "$has_machine_disk" = no ]; then
        change "disk" "" azure disk create --resource-group "$resource_group" --name "$name-disk" \
            --location "$region" --source "$source" --os-type Linux --hyper-v-generation V1 \
            --sku StandardSSD_LRS --tags "sha256=$disk_sum" --query name
    fi
    change "machine $name" "(its address)" azure vm create --resource-group "$resource_group" --name "$name" \
        --location "$region" --attach-os-disk "$name-disk" --os-type Linux --size "$size" --subnet "$subnet" \
        --public-ip-address "" --nsg "" --query privateIpAddress
    local address=$output
    change "" "" azure vm boot-diagnostics enable --resource-group "$resource_group" --name "$name"
    if is_given dry-run; then return; fi
    echo "Private IP address of $name: $address"
}

read_options "$@"
size=${options[size]-Standard_B2s}
need_program az "install the Azure CLI"
need_program azcopy "install AzCopy, version 10"
find_disk connector-appliance-azure.vhd
image=connector-appliance-${disk_sum:0:16}
sign_in
choose_subscription
choose_network
look_for_disk "$image"
has_image=$has_disk
choose_name
confirm "machine '$name' ($size) in $region, resource group '$resource_group', network '$network'"
upload
make_machine
while is_another_wanted; do
    choose_name
    make_machine
done
