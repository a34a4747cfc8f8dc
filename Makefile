# The verbs a person types. Long steps print their progress; everything that takes longer than a
# few seconds to make is cached by the hash of its inputs. Programs for development are compiled with
# `--workspace`: a dependency then has the features that all of them need, and is compiled once.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

MUSL := x86_64-unknown-linux-musl
IMAGE := target/image/connector-appliance.raw
FUZZ_TARGETS := boot_parameter dhcp_reply settings_file gpt grubenv json_body sntp_reply certificate_bundle root_ca pkcs12 arp connect_reply captured_packet kmsg_record dns_answer sealed_token cldap_reply kdc_reply srv_answer directory_value tunnel_frame tunnel_peer websocket cloud_request first_settings smbios guest_agent platform_xml metadata xenstore kvp_message rpci medium
FUZZ_SECONDS ?= 5

.PHONY: help deps build cloud image release run demo test check test-unit test-vm test-web test-cloud guide bench fuzz

help: ## What there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

deps: ## Install everything that the other verbs need (Debian 12, root)
	@./tools/deps

build: deps ## Compile the programs of the appliance
	cargo build --release --target $(MUSL) -p connector

cloud: deps ## Compile the control plane as one static program, to install it
	cargo build --release --target $(MUSL) -p cloud

image: deps ## Build kernel, GRUB, root slots and the disk
	cargo run -p image -- disk

release: deps ## Write the disk in the formats of hypervisors and clouds, with signed checksums
	cargo run -p image -- release

run: image ## Boot the appliance in QEMU beside a cloud, print URLs and fingerprint, keep the console in view
	cargo build --workspace --bin appliance --bin cloud
	target/debug/appliance run --cloud yes

demo: image ## Two appliances in one resource location are asked without a pause, and one loses its power
	cargo build --workspace --bin appliance --bin cloud
	target/debug/appliance demo

test: deps check image test-unit test-web test-cloud fuzz test-vm ## Everything that CI runs

check: deps ## Format, lints, layers, licences and sources of dependencies
	cargo fmt --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo run -q -p structure
	cargo deny --all-features check bans licenses sources

test-unit: deps ## Tests that need no virtual machine
	cargo nextest run --workspace -E 'not package(harness)'

test-vm: image ## Boot the real image in QEMU under BIOS and UEFI
	cargo nextest run --workspace -E 'package(harness)' --test-threads 3

test-web: image ## Real Chromium against the real image
	cd tests/web && npm test --silent

test-cloud: deps ## Real Chromium against the console of the cloud
	cd tests/console && npm test --silent

guide: deps ## Make the pictures of docs/operator-guide.md anew
	cd tests/web && npm run --silent guide

fuzz: deps ## Run every fuzz target for FUZZ_SECONDS
	@./tools/fuzz $(FUZZ_SECONDS) $(FUZZ_TARGETS)

bench: image ## The numbers of SPECIFICATION.md, beside a Debian VM, tcpdump, dumpcap, adcli, ssh, rathole and bore
	cargo run --release -p capture --example bench-capture
	cargo run --release -p directory --example bench-directory
	cargo run --release -p tunnel --example bench-tunnel
	cargo build --release --target $(MUSL) -p cloud
	cargo run --release -p cloud --example bench-cloud
	cargo build -p harness --bin roles
	cargo run -p harness --bin bench-page
	cargo run -p harness --bin bench
	cargo run -p harness --bin power-cuts
	cargo build -p cloud
	cargo run -p harness --bin failures
