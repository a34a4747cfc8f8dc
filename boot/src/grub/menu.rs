//! `grub.cfg`: which slot starts, and the two documented menu entries.
//!
//! Nothing here separates commands by `;`, which our GRUB takes for a part of a word.

use std::fmt::Write;

use model::boot_slots::{
    CHARGED, EXHAUSTED, KERNEL, KERNEL_CHECKSUM, MAX_TRIES, ORDER, PREVIOUS, skip_variable,
    tries_variable,
};
use model::slot::Slot;
use model::slot_report::{DAMAGED, MISSING};
use model::{command_line, disk};

/// Seconds in which Esc opens the menu.
const TIMEOUT_SECONDS: u8 = 3;
/// Seconds before the machine restarts when no slot has a kernel that can be started.
const BEGIN_AGAIN_SECONDS: u8 = 10;
/// What an order is completed with that names no slot.
const EVERY_SLOT: &str = "a b";

/// The whole configuration.
#[must_use]
pub fn configuration() -> String {
    let mut text = format!("{TERMINALS}{}{}", choose_slot(), begin_again());
    let _ = write!(
        text,
        "# Esc within {TIMEOUT_SECONDS} seconds shows the menu.\n\
         set timeout_style=hidden\n\
         set timeout={TIMEOUT_SECONDS}\n\n"
    );
    for slot in Slot::ALL {
        text.push_str(&entry(slot));
    }
    text
}

/// Screen and serial line. QEMU's UEFI firmware mirrors the screen to the serial line by itself.
const TERMINALS: &str = "\
# A ';' is no separator in this GRUB: it belongs to the word.
set terminals=\"console serial\"
if [ \"$grub_platform\" = \"efi\" ]
then
\tsmbios --type 1 --get-string 4 --set manufacturer
\tif [ \"$manufacturer\" = \"QEMU\" ]
\tthen
\t\t# This firmware mirrors the screen to the serial line: no second copy.
\t\tset terminals=\"console\"
\tfi
fi
if [ \"$terminals\" = \"console serial\" ]
then
\tif serial --unit=0 --speed=115200
\tthen
\t\tterminal_input console serial
\t\t# The greeting came before the serial line was there; whoever watches it has to see it too.
\t\tterminal_output serial
\t\techo \"Welcome to GRUB!\"
\t\tterminal_output console serial
\tfi
fi

";

/// The menu entry of a slot, byte for byte as documented.
fn entry(slot: Slot) -> String {
    format!(
        "menuentry '{}' {{\n\tset root=\"(hd0,gpt{})\"\n\tlinux {KERNEL} {}\n}}\n",
        slot.title(),
        disk::root_partition(slot).number,
        command_line::documented(slot),
    )
}

/// Chooses the slot and counts the try, as [`model::boot_slots::choose`] describes it.
fn choose_slot() -> String {
    let [skips, tries] = [skip_variable, tries_variable].map(|name| Slot::ALL.map(name));
    let mut text = format!(
        "# The first slot in the order that has tries left and a kernel with the right checksum. Each\n\
         # start is a try; a system that came up healthy sets its counter back to 0.\n\
         load_env\n\
         set {PREVIOUS}=\"${CHARGED}\"\n\
         set {CHARGED}=\"\"\n"
    );
    for skip in skips {
        let _ = writeln!(text, "set {skip}=\"\"");
    }
    text.push_str(&first_that_can_start(&format!("${ORDER} {EVERY_SLOT}"), |slot| {
        let (tries, skip) = (tries_variable(slot), skip_variable(slot));
        format!("\"${tries}\" != \"{MAX_TRIES}\" -a -z \"${skip}\"")
    }));
    let _ = write!(
        text,
        "if [ -z \"${CHARGED}\" ]\n\
         then\n\
         \t# No slot is left: all counters start anew, which beats standing still.\n\
         \techo \"No root has come up: all are tried again.\"\n\
         \tset {EXHAUSTED}=\"1\"\n"
    );
    for tries in tries {
        let _ = writeln!(text, "\tset {tries}=\"0\"");
    }
    text.push_str("fi\n");
    text.push_str(&first_that_can_start(&format!("${ORDER} {EVERY_SLOT}"), |slot| {
        format!("-z \"${}\"", skip_variable(slot))
    }));
    text.push_str(&count_try());
    let names = [&[CHARGED, PREVIOUS, EXHAUSTED], &tries[..], &skips[..]].concat().join(" ");
    let _ = writeln!(text, "save_env {names}\n");
    text
}

/// Sets the variable of the chosen slot to the first one, in an order, for which a condition holds and
/// whose kernel is good; notes why the others before it are not.
fn first_that_can_start(order: &str, condition: impl Fn(Slot) -> String) -> String {
    let mut text = format!("for slot in {order}\ndo\n");
    for slot in Slot::ALL {
        let (letter, skip) = (slot.letter(), skip_variable(slot));
        let partition = format!("(hd0,gpt{})", disk::root_partition(slot).number);
        let _ = write!(
            text,
            "\tif [ -z \"${CHARGED}\" -a \"$slot\" = \"{letter}\" -a {} ]\n\
             \tthen\n\
             \t\tif [ ! -f \"{partition}{KERNEL}\" ]\n\
             \t\tthen\n\
             \t\t\tset {skip}=\"{MISSING}\"\n\
             \t\telif hashsum --hash crc32 --prefix \"{partition}\" --check \"{partition}{KERNEL_CHECKSUM}\"\n\
             \t\tthen\n\
             \t\t\tset {CHARGED}=\"{letter}\"\n\
             \t\telse\n\
             \t\t\tset {skip}=\"{DAMAGED}\"\n\
             \t\tfi\n\
             \t\tif [ -n \"${skip}\" ]\n\
             \t\tthen\n\
             \t\t\techo \"{}: the kernel is ${skip}\"\n\
             \t\tfi\n\
             \tfi\n",
            condition(slot),
            slot.title(),
        );
    }
    text.push_str("done\n");
    text
}

/// Counts the try of the chosen slot and makes its entry the default.
fn count_try() -> String {
    let mut text = String::new();
    for (index, slot) in Slot::ALL.into_iter().enumerate() {
        let (letter, tries) = (slot.letter(), tries_variable(slot));
        let _ =
            write!(text, "if [ \"${CHARGED}\" = \"{letter}\" ]\nthen\n\tset default=\"{index}\"\n");
        // GRUB cannot calculate.
        text.push_str("\tset next=\"1\"\n");
        for number in 1..MAX_TRIES {
            let next = number + 1;
            let _ = write!(
                text,
                "\tif [ \"${tries}\" = \"{number}\" ]\n\
                 \tthen\n\
                 \t\tset next=\"{next}\"\n\
                 \t\techo \"{}: try {next} of {MAX_TRIES}\"\n\
                 \tfi\n",
                slot.title()
            );
        }
        let _ = write!(text, "\tset {tries}=\"$next\"\nfi\n");
    }
    text
}

/// What is done when no slot has a kernel: say so and begin again, without waiting for anybody.
fn begin_again() -> String {
    format!(
        "if [ -z \"${CHARGED}\" ]\n\
         then\n\
         \techo \"Neither root can be started: both kernels are damaged or missing.\"\n\
         \techo \"Trying again in {BEGIN_AGAIN_SECONDS} seconds.\"\n\
         \tsleep {BEGIN_AGAIN_SECONDS}\n\
         \treboot\n\
         fi\n\n"
    )
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use model::boot_slots::{KernelCheck, choose, new_block};
    use model::grubenv::GrubEnv;

    use super::*;

    /// GRUB's commands, as far as the choice of the slot uses them, for bash, whose control structures
    /// and variables are GRUB's.
    const GRUB_IN_BASH: &str = r#"
set() { printf -v "${1%%=*}" '%s' "${1#*=}"; }
load_env() { :; }
save_env() { for name in "$@"; do printf '%s=%s\n' "$name" "${!name}"; done; }
hashsum() { [[ "$kernels" == *" good:${*: -1} "* ]]; }
echo() { :; }
function [ {
    if [[ "$1 $2" == "! -f" ]]; then [[ "$kernels" == *" missing:$3 "* ]]; else builtin [ "$@"; fi
}
"#;

    /// What the script makes of the variables.
    fn run_script(before: &GrubEnv, checks: [KernelCheck; 2]) -> GrubEnv {
        let mut kernels = " ".to_owned();
        for (slot, check) in Slot::ALL.into_iter().zip(checks) {
            let partition = format!("(hd0,gpt{})", disk::root_partition(slot).number);
            kernels.push_str(&match check {
                KernelCheck::Good => format!("good:{partition}{KERNEL_CHECKSUM} "),
                KernelCheck::Damaged => String::new(),
                KernelCheck::Missing => format!("missing:{partition}{KERNEL} "),
            });
        }
        let mut command = Command::new("bash");
        command.arg("-c").arg(format!("{GRUB_IN_BASH}{}", choose_slot())).env_clear();
        for variable in VARIABLES {
            command.env(variable, before.get(variable).unwrap_or_default());
        }
        let output = command.env("kernels", kernels).output().expect("bash");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut after = before.clone();
        for line in String::from_utf8(output.stdout).expect("text").lines() {
            let (variable, value) = line.split_once('=').expect("an assignment");
            after.set(variable, value);
        }
        after
    }

    const VARIABLES: [&str; 8] =
        [ORDER, "a_tries", "b_tries", "a_skip", "b_skip", CHARGED, PREVIOUS, EXHAUSTED];

    #[test]
    fn the_script_chooses_as_the_model_does() {
        const CHECKS: [KernelCheck; 3] =
            [KernelCheck::Good, KernelCheck::Damaged, KernelCheck::Missing];
        let orders = [("a b", Slot::A), ("b a", Slot::B), ("", Slot::A)];
        let tries = ["0", "1", "2", "3", "x"];
        let mut cases = Vec::new();
        for (order, first) in orders {
            for checks in CHECKS.map(|a| CHECKS.map(|b| [a, b])).concat() {
                // All counts of the first slot with some of the other, which is enough: they are looked
                // at one by one.
                for (a, b) in tries.iter().zip(tries.iter().cycle().skip(cases.len() % 5)) {
                    let mut block = new_block(first);
                    block.set(ORDER, order);
                    block.set("a_tries", a);
                    block.set("b_tries", b);
                    block.set(CHARGED, ["", "a", "b"][cases.len() % 3]);
                    cases.push((block, checks));
                }
            }
        }
        for (before, checks) in cases {
            let mut expected = before.clone();
            choose(&mut expected, |slot| checks[usize::from(slot == Slot::B)]);
            let found = run_script(&before, checks);
            for variable in VARIABLES {
                let values =
                    [&expected, &found].map(|block| block.get(variable).unwrap_or_default());
                assert_eq!(values[0], values[1], "{variable} after {before:?} {checks:?}");
            }
        }
    }

    #[test]
    fn both_kernels_damaged_waits_for_nobody() {
        let text = begin_again();
        assert!(text.contains("\treboot\nfi"), "{text}");
        assert!(configuration().contains(&text));
    }

    #[test]
    fn menu_entries_read_as_documented() {
        let text = configuration();
        let expected = "\
menuentry 'Root A' {
\tset root=\"(hd0,gpt3)\"
\tlinux /boot/bzImage ro root=PARTUUID=c0de0000-0000-4000-8000-0000000000a0 quiet oops=panic console=tty0 console=ttyS0
}
menuentry 'Root B' {
\tset root=\"(hd0,gpt4)\"
\tlinux /boot/bzImage ro root=PARTUUID=c0de0000-0000-4000-8000-0000000000b0 quiet oops=panic console=tty0 console=ttyS0
}
";
        assert!(text.ends_with(expected), "{text}");
        assert!(text.contains("set timeout_style=hidden\nset timeout=3\n"));
    }

    #[test]
    fn no_command_needs_a_semicolon() {
        let commands = configuration();
        let commands = commands.lines().filter(|line| !line.trim_start().starts_with('#'));
        assert!(commands.into_iter().all(|line| !line.contains(';')));
    }
}
