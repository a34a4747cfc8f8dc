#!/bin/bash
# Uploads the disk to Google Cloud, makes an image of it and starts machines.
set -euo pipefail

script_directory=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
known_options=(project bucket zone subnet name machine-type)
common=$script_directory/connector-appliance-common.sh
[ -r "$common" ] || { echo "$common is missing; unpack the whole archive into one directory" >&2; exit 1; }
# shellcheck source=connector-appliance-common.sh
. "$common"

usage() {
    cat <<END
usage: $program [option...]
Uploads connector-appliance.tar.gz, which lies beside it, to Google Cloud, makes an image of it and starts
machines. It asks for what is not given; what exists from an earlier run is used again.
  --project PROJECT     identifier of the project where everything is created
  --bucket BUCKET       an existing bucket
  --zone ZONE           where machines run
  --subnet SUBNET       an existing subnet of the region of the zone; without it, default
  --name NAME           name of the machine; it is the only one then
  --machine-type TYPE   at least 2 processors and 4 GiB; without it, e2-medium
  --yes                 ask nothing, create one machine
  --dry-run             look, and say what would be done
Machines have no external address: for the way to the cloud the network needs Cloud NAT.
END
}

# The gcloud CLI in the project. Its questions are answered by their defaults.
google() {
    gcloud "$@" --project "$project" --quiet
}

sign_in() {
    look "gcloud does not work; run 'gcloud auth list'" \
        gcloud auth list --filter status:ACTIVE --format 'value(account)'
    if ! is_nothing "$output"; then return; fi
    if is_given yes || is_given dry-run; then fail "nobody is signed in; run 'gcloud auth login' first"; fi
    gcloud auth login || fail "nobody is signed in; run 'gcloud auth login' and then this again"
}

choose_project() {
    if ! is_given project && ! is_given yes; then gcloud projects list --format 'value(projectId)' >&2; fi
    ask project "Project" "$(gcloud config get-value project 2>/dev/null || true)"
    project=$answer
    check_form "the identifier of a project" "$project" '^[a-z][a-z0-9.:-]{4,60}[a-z0-9]$' \
        "it has lower-case letters, digits and hyphens; 'gcloud projects list' lists them"
    look "project $project cannot be used; 'gcloud projects list' lists those that can" \
        gcloud projects describe "$project" --format 'value(projectId)'
}

choose_places() {
    ask bucket "Bucket"
    bucket=$answer
    check_form "the name of a bucket" "$bucket" '^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$' \
        "it has lower-case letters, digits, dots, hyphens and underscores, and no gs://"
    look "bucket $bucket cannot be used; create it with 'gcloud storage buckets create gs://$bucket'" \
        google storage buckets describe "gs://$bucket" --format 'value(name)'
    ask zone "Zone"
    zone=$answer
    check_form "a zone" "$zone" '^[a-z]+-[a-z]+[0-9]+-[a-z]$' "it looks like europe-west3-a"
    look "zone $zone cannot be used; 'gcloud compute zones list' lists those that can" \
        google compute zones describe "$zone" --format 'value(region.basename())'
    region=$output
    ask subnet "Subnet" default
    subnet=$answer
    check_form "the name of a subnet" "$subnet" '^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$' \
        "it has at most 63 lower-case letters, digits and hyphens, and starts with a letter"
    look "there is no subnet $subnet in $region; 'gcloud compute networks subnets list' lists them" \
        google compute networks subnets describe "$subnet" --region "$region" --format 'value(name)'
}

choose_name() {
    ask name "Name of the machine" connector-appliance
    name=$answer
    check_form "the name of a machine" "$name" '^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$' \
        "it has at most 63 lower-case letters, digits and hyphens, and starts with a letter"
    look "the machines of $zone cannot be read" \
        google compute instances list --zones "$zone" --filter "name=$name" --format 'value(name)'
    is_nothing "$output" || fail "there is a machine '$name' in $zone already; choose another name or delete it"
}

# Sets `has_image`: whether an image of this disk is there.
look_for_image() {
    look "the images of $project cannot be read" \
        google compute images list --no-standard-images --filter "name=$image" --format 'value(status)'
    has_image=no
    if is_nothing "$output"; then return; fi
    [ "$output" = READY ] || fail "image $image is $output; wait until it is READY, or delete it if it FAILED"
    say "image $image is there already"
    has_image=yes
}

upload() {
    local size
    size=$(google storage objects describe "gs://$bucket/$image.tar.gz" --format 'value(size)' 2>/dev/null || true)
    if [ "$size" = "$disk_bytes" ]; then
        say "gs://$bucket/$image.tar.gz is there already"
        return
    fi
    change "object gs://$bucket/$image.tar.gz" "" google storage cp "$disk" "gs://$bucket/$image.tar.gz"
}

make_image() {
    if [ "$has_image" = yes ]; then return; fi
    upload
    change "image" "" google compute images create "$image" --source-uri "gs://$bucket/$image.tar.gz" \
        --guest-os-features MULTI_IP_SUBNET --format 'value(name)'
}

make_machine() {
    change "machine $name" "(its address)" google compute instances create "$name" --zone "$zone" \
        --machine-type "$type" --image "$image" --subnet "$subnet" --no-address --no-service-account --no-scopes \
        --tags https-server --format 'value(networkInterfaces[0].networkIP)'
    if is_given dry-run; then return; fi
    echo "Internal IP address of $name: $output"
}

read_options "$@"
type=${options[machine-type]-e2-medium}
need_program gcloud "install the Google Cloud CLI"
find_disk connector-appliance.tar.gz
image=connector-appliance-${disk_sum:0:16}
sign_in
choose_project
choose_places
look_for_image
choose_name
confirm "machine '$name' ($type) in $zone, subnet $subnet, by bucket $bucket of project $project"
make_image
make_machine
while is_another_wanted; do
    choose_name
    make_machine
done
