//! What marketplaces are given: judged by programs of others where there are any, and by rules of our own.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::format::{MEMORY_BYTES, PROCESSORS};
use model::disk::DISK_BYTES;
use serde_json::Value;

const GIB: u64 = 1 << 30;
/// Machines of the clouds that the templates name, with their processors and GiB of memory, as the clouds' lists
/// of machines have them.
const SIZES: [(&str, u64, u64); 5] = [
    ("Standard_B2s", 2, 4),
    ("t3.medium", 2, 4),
    ("t3a.medium", 2, 4),
    ("t2.medium", 2, 4),
    ("e2-medium", 2, 4),
];
/// Reads a request from a file and has AWS's own client judge it, without sending it.
const JUDGE_REQUEST: &str = "
import json, sys, botocore.session, botocore.validate
service = botocore.session.get_session().get_service_model('ec2')
shape = service.operation_model('RegisterImage').input_shape
request = json.load(open(sys.argv[1]))
report = botocore.validate.ParamValidator().validate(request, shape).generate_report()
for key in ('BootMode', 'ImdsSupport', 'Architecture'):
    if request[key] not in shape.members[key].enum:
        report += key
sys.exit(report or None)
";
/// Reads YAML and prints it as JSON, without what CloudFormation works out later.
const YAML_TO_JSON: &str = "
import json, sys, yaml
yaml.SafeLoader.add_multi_constructor('!', lambda loader, tag, node: None)
print(json.dumps(yaml.safe_load(open(sys.argv[1]))))
";

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("marketplace").join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(file(name)).unwrap()
}

fn json(name: &str) -> Value {
    serde_json::from_str(&text(name)).unwrap()
}

/// A program of `tests/judges`.
fn judge(program: &str, arguments: &[&str], path: &Path) -> Output {
    let programs = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/judges/bin");
    let mut command = Command::new(Path::new(programs).join(program));
    command.args(arguments).arg(path).output().expect("make deps installs it")
}

/// What a program of `tests/judges` says, which has to be content.
fn told(program: &str, arguments: &[&str], path: &Path) -> Value {
    let output = judge(program, arguments, path);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {complaint}", path.display());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn yaml(name: &str) -> Value {
    told("python", &["-c", YAML_TO_JSON], &file(name))
}

/// A part of Terraform's module, with strings as they stand in the file.
fn terraform(name: &str) -> Value {
    told("hcl2tojson", &[], &file(&format!("google/{name}")))
}

type Names = BTreeSet<String>;

fn keys(object: &Value) -> Names {
    object.as_object().unwrap().keys().map(|key| key.trim_matches('"').to_owned()).collect()
}

/// What stands in a text between each `before` and the next character that no name has.
fn names_after(text: &str, before: &str) -> Names {
    let is_no_part = |character: char| !character.is_ascii_alphanumeric() && character != '_';
    let pieces = text.split(before).skip(1);
    pieces.map(|piece| piece.split(is_no_part).next().unwrap().to_owned()).collect()
}

fn names(all: &[&str]) -> Names {
    all.iter().map(|name| (*name).to_owned()).collect()
}

/// The blocks of a kind in a file of Terraform: the last label of each with what is in it.
fn blocks(file: &Value, kind: &str) -> Vec<(String, Value)> {
    let labelled = |block: &Value| {
        let (label, inside) = block.as_object().unwrap().iter().next().unwrap();
        (label.trim_matches('"').to_owned(), inside.clone())
    };
    file[kind].as_array().unwrap().iter().map(labelled).collect()
}

fn is_the_machine(size: &str) {
    let of = SIZES.iter().find(|(name, ..)| *name == size).unwrap_or_else(|| panic!("{size}"));
    assert_eq!((of.1, of.2), (PROCESSORS, MEMORY_BYTES / GIB), "{size}");
}

#[test]
fn cfn_lint_finds_nothing_in_the_template_for_aws() {
    let output = judge("cfn-lint", &[], &file("aws/template.yaml"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let directory = tempfile::tempdir().unwrap();
    let broken = directory.path().join("template.yaml");
    fs::write(&broken, text("aws/template.yaml").replace("!Ref FirstSubnet", "!Ref Subnet"))
        .unwrap();
    assert!(!judge("cfn-lint", &[], &broken).status.success());
}

#[test]
fn the_client_of_aws_takes_the_request_that_registers_the_image() {
    let arguments = ["-c", JUDGE_REQUEST];
    let output = judge("python", &arguments, &file("aws/image.json"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let directory = tempfile::tempdir().unwrap();
    let broken = directory.path().join("image.json");
    for (right, wrong) in [("\"v2.0\"", "\"v1.0\""), ("\"VolumeSize\": 20", "\"Size\": 20")] {
        let request = text("aws/image.json");
        assert!(request.contains(right), "{right}");
        fs::write(&broken, request.replace(right, wrong)).unwrap();
        assert!(!judge("python", &arguments, &broken).status.success(), "{wrong}");
    }
}

#[test]
fn machines_of_aws_want_imds_version_2_encrypt_the_disk_and_have_no_key_or_public_address() {
    let resources = yaml("aws/template.yaml")["Resources"].take();
    let machine = &resources["Machine"]["Properties"]["LaunchTemplateData"];
    assert_eq!(machine["MetadataOptions"]["HttpTokens"], "required");
    assert_eq!(machine["MetadataOptions"]["HttpPutResponseHopLimit"], 1);
    let disk = &machine["BlockDeviceMappings"][0];
    let registered = &json("aws/image.json")["BlockDeviceMappings"][0];
    assert_eq!(disk["Ebs"]["Encrypted"], true);
    assert_eq!(disk["DeviceName"], registered["DeviceName"]);
    assert_eq!(json("aws/image.json")["RootDeviceName"], registered["DeviceName"]);
    assert!(!resources.to_string().contains("KeyName"));
    let machines = resources.as_object().unwrap().values();
    let machines: Vec<_> = machines.filter(|it| it["Type"] == "AWS::EC2::Instance").collect();
    assert_eq!(machines.len(), 2);
    for machine in machines {
        let card = &machine["Properties"]["NetworkInterfaces"][0];
        assert_eq!(card["AssociatePublicIpAddress"], false);
    }
}

#[test]
fn every_variable_of_the_module_for_google_is_declared_used_and_described_to_the_marketplace() {
    let declared: Names =
        blocks(&terraform("variables.tf"), "variable").into_iter().map(|(name, _)| name).collect();
    let used = text("google/main.tf") + &text("google/outputs.tf");
    assert_eq!(names_after(&used, "var."), declared);
    let listed = |of: &Value| -> Names {
        let names = of.as_array().unwrap().iter();
        names.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    let interfaces = yaml("google/metadata.yaml")["spec"]["interfaces"].take();
    assert_eq!(listed(&interfaces["variables"]), declared);
    let outputs: Names =
        blocks(&terraform("outputs.tf"), "output").into_iter().map(|(name, _)| name).collect();
    assert_eq!(listed(&interfaces["outputs"]), outputs);
    let ui = yaml("google/metadata.display.yaml")["spec"]["ui"].take();
    assert_eq!(keys(&ui["input"]["variables"]), declared);
    let sections = listed(&ui["input"]["sections"]);
    for (name, variable) in ui["input"]["variables"].as_object().unwrap() {
        assert!(sections.contains(variable["section"].as_str().unwrap()), "{name}");
    }
    assert!(keys(&ui["runtime"]["outputs"]).is_subset(&outputs));
}

#[test]
fn the_test_of_googles_marketplace_sets_every_variable_without_a_value() {
    let variables = blocks(&terraform("variables.tf"), "variable");
    let without = variables.into_iter().filter(|(_, inside)| inside.get("default").is_none());
    // The marketplace sets the project.
    let mut needed: Names = without.map(|(name, _)| name).collect();
    assert!(needed.remove("project_id"));
    assert_eq!(keys(&terraform("marketplace_test.tfvars")), needed);
    terraform("versions.tf");
}

#[test]
fn the_form_of_azure_asks_for_every_parameter_of_the_template_and_nothing_else() {
    let template = json("azure/mainTemplate.json");
    let form = json("azure/createUiDefinition.json")["parameters"].take();
    let mut asked = keys(&template["parameters"]);
    // Made anew by the template itself each time, so that nobody knows it.
    assert!(asked.remove("unusedPassword"));
    assert_eq!(keys(&form["outputs"]), asked);
    let outputs = form["outputs"].to_string();
    let named = |elements: &Value| -> Names {
        let elements = elements.as_array().unwrap().iter();
        elements.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names_after(&outputs, "basics('"), named(&form["basics"]));
    assert_eq!(names_after(&outputs, "steps('"), named(&form["steps"]));
    for step in form["steps"].as_array().unwrap() {
        let before = format!("steps('{}').", step["name"].as_str().unwrap());
        let used = names_after(&outputs, &before);
        assert!(used.is_subset(&named(&step["elements"])), "{used:?}");
    }
}

#[test]
fn every_reference_in_the_template_for_azure_leads_somewhere_and_nothing_is_unused() {
    let (template, text) = (json("azure/mainTemplate.json"), text("azure/mainTemplate.json"));
    assert_eq!(names_after(&text, "parameters('"), keys(&template["parameters"]));
    assert_eq!(names_after(&text, "variables('"), keys(&template["variables"]));
    let resources = template["resources"].as_array().unwrap();
    let known = |identifier: &str| {
        resources.iter().any(|it| {
            let name = it["name"].as_str().unwrap().trim_matches(['[', ']']);
            let kind = it["type"].as_str().unwrap();
            identifier == format!("[resourceId('{kind}', {name})]")
        })
    };
    for resource in resources {
        for needed in resource["dependsOn"].as_array().into_iter().flatten() {
            assert!(known(needed.as_str().unwrap()), "{needed}");
        }
    }
    let network = resources.iter().find(|it| it["type"] == "Microsoft.Network/networkInterfaces");
    let group = &network.unwrap()["properties"]["networkSecurityGroup"]["id"];
    assert!(known(group.as_str().unwrap()), "{group}");
}

/// The machine in the template for Azure.
fn azure_machine() -> Value {
    let template = json("azure/mainTemplate.json");
    let resources = template["resources"].as_array().unwrap();
    let machine = resources.iter().find(|it| it["type"] == "Microsoft.Compute/virtualMachines");
    machine.unwrap()["properties"].clone()
}

#[test]
fn the_machine_of_azure_has_no_agent_no_extensions_and_no_public_address() {
    let system = &azure_machine()["osProfile"];
    assert_eq!(system["linuxConfiguration"]["provisionVMAgent"], false);
    assert_eq!(system["allowExtensionOperations"], false);
    let text = text("azure/mainTemplate.json");
    for unwanted in ["publicIPAddresses", "/extensions", "\"ssh\""] {
        assert!(!text.contains(unwanted), "{unwanted}");
    }
}

#[test]
fn every_marketplace_offers_the_same_machine() {
    let template = json("azure/mainTemplate.json");
    is_the_machine(template["parameters"]["vmSize"]["defaultValue"].as_str().unwrap());
    let kinds = yaml("aws/template.yaml")["Parameters"]["InstanceType"]["AllowedValues"].take();
    kinds.as_array().unwrap().iter().for_each(|kind| is_the_machine(kind.as_str().unwrap()));
    let default = |wanted: &str| {
        let mut variables = blocks(&terraform("variables.tf"), "variable").into_iter();
        variables.find(|(name, _)| name == wanted).unwrap().1["default"].clone()
    };
    is_the_machine(default("machine_type").as_str().unwrap().trim_matches('"'));
    let machine = &yaml("aws/template.yaml")["Resources"]["Machine"]["Properties"];
    let disks = [
        azure_machine()["storageProfile"]["osDisk"]["diskSizeGB"].clone(),
        machine["LaunchTemplateData"]["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"].clone(),
        json("aws/image.json")["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"].clone(),
        default("boot_disk_size"),
    ];
    assert_eq!(disks, [DISK_BYTES / GIB; 4]);
}

#[test]
fn every_marketplace_lets_port_443_in_and_nothing_else() {
    let group = yaml("aws/template.yaml")["Resources"]["SecurityGroup"]["Properties"].take();
    let ways = group["SecurityGroupIngress"].as_array().unwrap();
    let [way] = ways.as_slice() else { panic!("{ways:?}") };
    assert_eq!((&way["FromPort"], &way["ToPort"]), (&443.into(), &443.into()));
    assert_eq!(way["IpProtocol"], "tcp");

    let template = json("azure/mainTemplate.json");
    let resources = template["resources"].as_array().unwrap();
    let group = resources.iter().find(|it| it["type"] == "Microsoft.Network/networkSecurityGroups");
    let rules = group.unwrap()["properties"]["securityRules"].as_array().unwrap();
    let of = |rule: &Value| {
        let rule = &rule["properties"];
        [&rule["access"], &rule["destinationPortRange"]].map(|it| it.as_str().unwrap().to_owned())
    };
    assert_eq!([of(&rules[0]), of(&rules[1])], [["Allow", "443"], ["Deny", "*"]]);
    assert_eq!(rules.len(), 2);

    let main = terraform("main.tf").to_string();
    assert_eq!(main.matches("google_compute_firewall").count(), 1);
    assert_eq!(names_after(&main, "\"ports\":[\"\\\""), names(&["443"]));
}
