"""Stands in for aws, az, azcopy and gcloud: answers as they do, of a small world that it keeps in a file.

usage: stand_in.py TOOL ARGUMENT...
STAND_IN   directory with world.json, which says what is there, and with the list of calls, one a line:
           "change" or "look", and the words of the command
FAIL       words of a command that fails
"""

import json
import os
import re
import sys

import jmespath

DIRECTORY = os.environ["STAND_IN"]
WORLD = os.path.join(DIRECTORY, "world.json")
# Options of these tools that have no value here.
FLAGS = {"only-show-errors", "quiet", "ena-support", "no-associate-public-ip-address", "yes"}
FLAGS |= {"no-standard-images", "no-address", "no-service-account", "no-scopes"}
ADDRESS = "10.1.2.3"


class Refused(Exception):
    """What the tool says when it refuses."""


def parse(arguments):
    """The words in front, and each option with its values."""
    words, options, name = [], {}, None
    for argument in arguments:
        if argument.startswith("--"):
            name = argument[2:]
            options[name] = []
        elif name is None or name in FLAGS:
            words.append(argument)
        else:
            options[name].append(argument)
    return words, {name: values[0] if len(values) == 1 else values for name, values in options.items()}


class World:
    """What is there. `absent` lists what a test has taken away."""

    def __init__(self):
        with open(WORLD, encoding="utf-8") as file:
            self.known = json.load(file)

    def save(self):
        with open(WORLD, "w", encoding="utf-8") as file:
            json.dump(self.known, file)

    def need(self, thing, message):
        if thing in self.known.get("absent", []):
            raise Refused(message)

    def things(self, kind):
        return self.known.setdefault(kind, [])

    def add(self, kind, thing):
        self.things(kind).append(thing)
        self.save()
        return thing


def size(path):
    return os.stat(path).st_size


# AWS.


def aws_get_region(world, _options, _words):
    return world.known.get("region", "eu-central-1")


def aws_bucket(world, options, _words):
    world.need("bucket", "An error occurred (NoSuchBucket) when calling the GetBucketLocation operation")
    return {"LocationConstraint": world.known.get("bucket_region", "eu-central-1")}


def aws_attached(world, _options, _words):
    has = "policy" not in world.known.get("absent", []) and "inline" in world.known.get("absent", [])
    policy = {"PolicyName": "vmimport", "PolicyArn": "arn:aws:iam::1:policy/vmimport"}
    return {"AttachedPolicies": [policy] if has else []}


def aws_role_policy(world, _options, _words):
    for thing in ("policy", "inline"):
        world.need(thing, "An error occurred (NoSuchEntity) when calling the GetRolePolicy operation")
    return {"RoleName": "vmimport", "PolicyName": "vmimport", "PolicyDocument": {}}


def aws_groups(world, options, _words):
    world.need("group", "An error occurred (InvalidGroup.NotFound) when calling the DescribeSecurityGroups operation")
    has = "default group" not in world.known.get("absent", [])
    return {"SecurityGroups": [{"GroupId": "sg-1", "GroupName": "default", "VpcId": "vpc-1"}] if has else []}


def aws_subnets(world, options, _words):
    world.need("subnet", "An error occurred (InvalidSubnetID.NotFound) when calling the DescribeSubnets operation")
    return {"Subnets": [{"SubnetId": options["subnet-ids"], "VpcId": world.known.get("subnet_vpc", "vpc-1")}]}


def aws_offerings(world, options, _words):
    name = re.search("Values=(.*)", options["filters"]).group(1)
    has = "type" not in world.known.get("absent", [])
    return {"InstanceTypeOfferings": [{"InstanceType": name}] if has else []}


def aws_instances(world, options, _words):
    (name,) = json.loads(options["filters"])[0]["Values"]
    machines = [it for it in world.things("machines") if it["name"] == name]
    return {"Reservations": [{"Instances": [{"InstanceId": it["id"]}]} for it in machines]}


def aws_head(world, options, _words):
    for it in world.things("objects"):
        if it["key"] == f"{options['bucket']}/{options['key']}":
            return {"ContentLength": it["size"], "ContentType": "binary/octet-stream"}
    raise Refused("An error occurred (404) when calling the HeadObject operation: Not Found")


def aws_copy(world, _options, words):
    world.add("objects", {"key": words[3].removeprefix("s3://"), "size": size(words[2])})
    return ""


def aws_import(world, options, _words):
    key = re.fullmatch(r"Format=VHD,UserBucket=\{S3Bucket=(.*),S3Key=(.*)\}", options["disk-container"])
    if "/".join(key.groups()) not in [it["key"] for it in world.things("objects")]:
        raise Refused("An error occurred (InvalidParameter) when calling the ImportSnapshot operation")
    task = {"ImportTaskId": "import-snap-1", "Description": options["description"]}
    world.add("tasks", task)
    return task


def aws_tasks(world, options, _words):
    """The import is looked at twice while it is active."""
    tasks = []
    for task in world.things("tasks"):
        if "import-task-ids" in options:
            task["looks"] = task.get("looks", 0) + 1
        detail = {"Status": "active", "Progress": "41", "StatusMessage": "converting"}
        if "failed import" in world.known.get("absent", []):
            detail = {"Status": "error", "StatusMessage": "ClientError: Unsupported disk"}
        elif task.get("looks", 0) > 2 and "end of import" not in world.known.get("absent", []):
            detail = {"Status": "completed", "SnapshotId": "snap-1"}
        tasks.append({**task, "SnapshotTaskDetail": detail})
    world.save()
    return {"ImportSnapshotTasks": tasks}


def aws_tags(world, options, _words):
    return world.add("snapshots", {"id": options["resources"], "tag": options["tags"]}) and ""


def aws_snapshots(world, options, _words):
    wanted = "Key=" + options["filters"][0].removeprefix("Name=tag:").replace(",Values=", ",Value=")
    return {"Snapshots": [{"SnapshotId": it["id"]} for it in world.things("snapshots") if it["tag"] == wanted]}


def aws_images(world, options, _words):
    name = options["filters"].removeprefix("Name=name,Values=")
    images = [it for it in world.things("images") if it["name"] == name]
    return {"Images": [{"ImageId": it["id"], "State": "available"} for it in images]}


def aws_register(world, options, _words):
    world.add("images", {"name": options["name"], "id": "ami-1"})
    return {"ImageId": "ami-1"}


def aws_run(world, options, _words):
    ((tag,),) = [it["Tags"] for it in json.loads(options["tag-specifications"])]
    name = f"i-{len(world.things('machines'))}"
    world.add("machines", {"name": tag["Value"], "id": name})
    return {"Instances": [{"InstanceId": name, "PrivateIpAddress": ADDRESS}]}


def present(thing, message, answer):
    """A command that looks at one thing."""

    def look(world, _options, _words):
        world.need(thing, message)
        return answer

    return look


LOST = "An error occurred (NotFound) when calling the operation"
AWS_LOOKS = {
    "sts get-caller-identity": present("sign-in", "Unable to locate credentials", {"Account": "123456789012"}),
    "configure get region": aws_get_region,
    "ec2 describe-regions": present("region", LOST, {"Regions": [{"RegionName": "eu-central-1"}]}),
    "s3api get-bucket-location": aws_bucket,
    "s3api head-object": aws_head,
    "iam get-role": present("role", LOST, {"Role": {"RoleName": "vmimport"}}),
    "iam get-role-policy": aws_role_policy,
    "iam list-attached-role-policies": aws_attached,
    "ec2 describe-vpcs": present("vpc", LOST, {"Vpcs": [{"VpcId": "vpc-1"}]}),
    "ec2 describe-subnets": aws_subnets,
    "ec2 describe-security-groups": aws_groups,
    "ec2 describe-instance-type-offerings": aws_offerings,
    "ec2 describe-instances": aws_instances,
    "ec2 describe-snapshots": aws_snapshots,
    "ec2 describe-import-snapshot-tasks": aws_tasks,
    "ec2 describe-images": aws_images,
}
AWS_CHANGES = {
    "s3 cp": aws_copy,
    "ec2 import-snapshot": aws_import,
    "ec2 create-tags": aws_tags,
    "ec2 register-image": aws_register,
    "ec2 wait image-available": lambda *_: "",
    "ec2 run-instances": aws_run,
}

# Azure.


def az_account(world, options, _words):
    world.need("sign-in", "ERROR: Please run 'az login' to setup account.")
    if "subscription" in options:
        world.need("subscription", "ERROR: Subscription not found.")
    return {"id": "0-1-2", "name": "Ours", "state": "Enabled"}


def az_disks(world, _options, _words):
    return world.things("disks")


def az_disk_create(world, options, _words):
    disk = {"name": options["name"], "location": options["location"], "tags": None, "diskState": "ReadyToUpload"}
    if "source" in options:
        _, value = options["tags"].split("=")
        disk |= {"tags": {"sha256": value}, "diskState": "Unattached"}
    return world.add("disks", disk)


def az_disk_delete(world, options, _words):
    world.known["disks"] = [it for it in world.things("disks") if it["name"] != options["name"]]
    world.save()
    return ""


def az_change_disk(state):
    def change(world, options, _words):
        (disk,) = [it for it in world.things("disks") if it["name"] == options["name"]]
        disk["diskState"] = state
        if "set" in options:
            disk["tags"] = {"sha256": options["set"].split("=")[1]}
        world.save()
        return {**disk, "accessSas": "https://md-1.example/secret-of-the-upload"}

    return change


def az_machine(world, options, _words):
    az_change_disk("Attached")(world, {"name": options["attach-os-disk"]}, [])
    world.add("machines", {"name": options["name"], "id": "/virtualMachines/" + options["name"]})
    return {"privateIpAddress": ADDRESS, "publicIpAddress": ""}


MISSING = "ERROR: (ResourceNotFound) The resource was not found."
AZ_LOOKS = {
    "account show": az_account,
    "account list": lambda *_: [{"name": "Ours", "id": "0-1-2"}],
    "group show": present("resource group", MISSING, {"name": "rg", "location": "westeurope"}),
    "network vnet show": present("network", MISSING, {"name": "vnet", "location": "northeurope"}),
    "network vnet subnet show": present("subnet", MISSING, {"id": "/subnets/default", "name": "default"}),
    "vm list": lambda world, *_: world.things("machines"),
    "disk list": az_disks,
}
AZ_CHANGES = {
    "login": lambda world, *_: world.known["absent"].remove("sign-in") or world.save() or [],
    "disk create": az_disk_create,
    "disk delete": az_disk_delete,
    "disk grant-access": az_change_disk("ActiveUpload"),
    "disk revoke-access": az_change_disk("Unattached"),
    "disk update": az_change_disk("Unattached"),
    "vm create": az_machine,
    "vm boot-diagnostics enable": lambda *_: "",
}

# Google Cloud.


def gcloud_objects(world, _options, words):
    for it in world.things("objects"):
        if it["key"] == words[-1]:
            return {"name": it["key"], "size": it["size"]}
    raise Refused("ERROR: (gcloud.storage.objects.describe) gs:// object not found: 404.")


def gcloud_named(kind):
    def look(world, options, _words):
        name = options["filter"].removeprefix("name=")
        return [it for it in world.things(kind) if it["name"] == name]

    return look


def gcloud_image(world, options, words):
    if options["source-uri"] not in [it["key"] for it in world.things("objects")]:
        raise Refused("ERROR: (gcloud.compute.images.create) Could not fetch resource: invalid source URI")
    return world.add("images", {"name": words[-1], "status": "READY"})


def gcloud_machine(world, _options, words):
    return world.add("machines", {"name": words[-1], "networkInterfaces": [{"networkIP": ADDRESS}]})


def gcloud_accounts(world, *_):
    return [] if "sign-in" in world.known.get("absent", []) else [{"account": "me@example.com", "status": "ACTIVE"}]


GONE = "ERROR: (gcloud) NOT_FOUND: The resource was not found."
REGION = {"region": "https://www.googleapis.com/compute/v1/projects/project-1/regions/europe-west3"}
GCLOUD_LOOKS = {
    "auth list": gcloud_accounts,
    "projects list": lambda *_: [{"projectId": "project-1"}],
    "config get-value project": lambda *_: "project-1",
    "projects describe": present("project", GONE, {"projectId": "project-1"}),
    "storage buckets describe": present("bucket", GONE, {"name": "bucket-1"}),
    "storage objects describe": gcloud_objects,
    "compute zones describe": present("zone", GONE, REGION),
    "compute networks subnets describe": present("subnet", GONE, {"name": "default"}),
    "compute images list": gcloud_named("images"),
    "compute instances list": gcloud_named("machines"),
}
GCLOUD_CHANGES = {
    "auth login": lambda world, *_: world.known["absent"].remove("sign-in") or world.save() or "",
    "storage cp": lambda world, _options, words: world.add("objects", {"key": words[3], "size": size(words[2])}) and "",
    "compute images create": gcloud_image,
    "compute instances create": gcloud_machine,
}
TOOLS = {
    "aws": (AWS_LOOKS, AWS_CHANGES, 254),
    "az": (AZ_LOOKS, AZ_CHANGES, 3),
    "azcopy": ({}, {"copy": lambda *_: ""}, 1),
    "gcloud": (GCLOUD_LOOKS, GCLOUD_CHANGES, 1),
}


def text(value):
    """A value as the text outputs of aws and az have it; a list of lists is a table."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        return "\n".join(text(it) for it in value)
    if isinstance(value, list):
        return "\t".join(text(it) for it in value)
    return "None" if value is None else str(value)


def projected(value, form):
    """What gcloud makes of --format value(...)."""
    path = re.fullmatch(r"value\((.*)\)", form).group(1)
    found = jmespath.search(path.removesuffix(".basename()"), value)
    found = "" if found is None else str(found)
    return found.rsplit("/", 1)[-1] if path.endswith(".basename()") else found


def shown(tool, value, options):
    if isinstance(value, str):
        return value
    if tool == "gcloud":
        rows = value if isinstance(value, list) else [value]
        return "\n".join(projected(it, options["format"]) for it in rows) if "format" in options else ""
    if options.get("output") == "none" or "query" not in options:
        return ""
    found = jmespath.search(options["query"], value)
    is_flat = tool == "az" and isinstance(found, list) and not any(isinstance(it, list) for it in found)
    return "\n".join(text(it) for it in found) if is_flat else text(found)


def main():
    tool, arguments = sys.argv[1], sys.argv[2:]
    looks, changes, status = TOOLS[tool]
    words, options = parse(arguments)
    said = " ".join(words) + " "
    command = max((it for it in [*looks, *changes] if said.startswith(it + " ")), key=len, default=None)
    kind = "change" if command in changes else "look"
    with open(os.path.join(DIRECTORY, "calls"), "a", encoding="utf-8") as file:
        file.write(json.dumps([kind, tool, command or said, arguments]) + "\n")
    try:
        if command is None:
            raise Refused(f"{tool}: the stand-in does not know '{said}'")
        if os.environ.get("FAIL") == command:
            raise Refused(f"{tool}: the test lets '{command}' fail")
        result = shown(tool, (looks | changes)[command](World(), options, words), options)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return status
    if result:
        print(result)
    return 0


sys.exit(main())
