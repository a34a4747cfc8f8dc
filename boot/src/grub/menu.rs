//! `grub.cfg`: which slot starts, and the two documented menu entries.
//!
//! Nothing here separates commands by `;`, which our GRUB takes for a part of a word.

use std::fmt::Write;

use model::grubenv::{MAX_TRIES, ORDER, tries_variable};
use model::slot::Slot;
use model::{command_line, disk};

/// Seconds in which Esc opens the menu.
const TIMEOUT_SECONDS: u8 = 3;

/// The whole configuration.
#[must_use]
pub fn configuration() -> String {
    let mut text = format!("{TERMINALS}{}{}", choose_slot(), charge_slot());
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
        "menuentry '{}' {{\n\tset root=\"(hd0,gpt{})\"\n\tlinux /boot/bzImage {}\n}}\n",
        slot.title(),
        disk::root_partition(slot).number,
        command_line::documented(slot),
    )
}

/// The first slot of the order that has tries left.
fn choose_slot() -> String {
    let mut text = format!(
        "# The first slot in the order that has tries left. Each start is a try; a system that came\n\
         # up healthy sets its counter back to 0.\n\
         load_env\n\
         set chosen=\"\"\n\
         for slot in ${ORDER}\n\
         do\n"
    );
    for slot in Slot::ALL {
        let (letter, tries) = (slot.letter(), tries_variable(slot));
        let _ = write!(
            text,
            "\tif [ -z \"$chosen\" -a \"$slot\" = \"{letter}\" -a \"${tries}\" != \"{MAX_TRIES}\" ]\n\
             \tthen\n\
             \t\tset chosen=\"{letter}\"\n\
             \tfi\n"
        );
    }
    text.push_str("done\nif [ -z \"$chosen\" ]\nthen\n");
    text.push_str(
        "\t# No slot has tries left: all counters start anew, which beats standing still.\n",
    );
    for slot in Slot::ALL {
        let _ = writeln!(text, "\tset {}=\"0\"", tries_variable(slot));
    }
    let _ = write!(text, "\tset chosen=\"{}\"\nfi\n\n", Slot::A.letter());
    text
}

/// Counts the try of the chosen slot and makes its entry the default.
fn charge_slot() -> String {
    let mut text = "# Count this try before it starts.\n".to_owned();
    for (index, slot) in Slot::ALL.into_iter().enumerate() {
        let (letter, tries) = (slot.letter(), tries_variable(slot));
        let _ = write!(
            text,
            "if [ \"$chosen\" = \"{letter}\" ]\n\
             then\n\
             \tset default=\"{index}\"\n\
             \tset try=\"${tries}\"\n\
             fi\n"
        );
    }
    text.push_str("set next=\"1\"\n");
    for try_number in 1..MAX_TRIES {
        let next = try_number + 1;
        let _ =
            write!(text, "if [ \"$try\" = \"{try_number}\" ]\nthen\n\tset next=\"{next}\"\nfi\n");
    }
    for slot in Slot::ALL {
        let (letter, tries) = (slot.letter(), tries_variable(slot));
        let _ =
            write!(text, "if [ \"$chosen\" = \"{letter}\" ]\nthen\n\tset {tries}=\"$next\"\nfi\n");
    }
    let names = Slot::ALL.map(tries_variable).join(" ");
    let _ = write!(
        text,
        "save_env {names}\n\
         if [ \"$next\" != \"1\" ]\n\
         then\n\
         \techo \"Slot $chosen, try $next of {MAX_TRIES}\"\n\
         fi\n\n"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

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
