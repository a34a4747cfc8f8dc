//! The documented procedure: watch for GRUB, press Esc, press e, go to the line that begins with
//! `linux`, type at its end, press Ctrl-X.

use std::time::{Duration, Instant};

use crate::error::HarnessError;
use crate::limits;
use crate::machine::Machine;
use crate::serial::Key;

/// GRUB's greeting. UEFI firmware mirrors the screen to the serial line; under BIOS the greeting goes
/// to the screen only.
pub const GREETING: &str = "Welcome to GRUB!";
/// How many of the characters typed last are looked for on the screen.
const TAIL: usize = 12;
/// How long an Esc gets before it is pressed again, as a person would.
const ESC_INTERVAL: Duration = Duration::from_millis(500);

impl Machine {
    /// Opens GRUB's hidden menu with Esc.
    ///
    /// # Errors
    ///
    /// When the menu does not show.
    pub fn open_grub_menu(&mut self) -> Result<(), HarnessError> {
        // As documented, and because an earlier Esc would open the menu of UEFI firmware.
        self.serial().expect(GREETING, limits::FIRMWARE)?;
        let deadline = Instant::now() + limits::FIRMWARE;
        loop {
            self.serial().press(Key::Esc)?;
            let seen = self.serial().wait_for_screen("GRUB's menu", ESC_INTERVAL, |screen| {
                (screen.contains("Root A") && screen.contains("Root B")).then_some(())
            });
            if seen.is_ok() || Instant::now() >= deadline {
                return seen;
            }
        }
    }

    /// Starts an entry that is below the selected one, from the menu.
    ///
    /// # Errors
    ///
    /// When the menu does not show it as selected.
    pub fn start_entry(&mut self, title: &str) -> Result<(), HarnessError> {
        // GRUB's text menu marks the selected entry. A key that comes while it draws may get lost.
        let selected = format!("*{title}");
        let deadline = Instant::now() + limits::KEYSTROKE;
        loop {
            self.serial().press(Key::CTRL_N)?;
            let seen =
                self.serial().wait_for_screen("the selected entry", ESC_INTERVAL, |screen| {
                    screen.contains(&selected).then_some(())
                });
            if seen.is_ok() {
                return self.serial().press(Key::ENTER);
            }
            if Instant::now() >= deadline {
                return seen;
            }
        }
    }

    /// Opens the editor for the selected entry, from the menu.
    ///
    /// # Errors
    ///
    /// When the editor does not show.
    pub fn open_grub_editor(&mut self) -> Result<(), HarnessError> {
        self.serial().send(b"e")?;
        self.serial().wait_for_screen("GRUB's editor", limits::KEYSTROKE, |screen| {
            // The end of the documented line is drawn last.
            let text = unwrapped(screen);
            (text.contains("setparams") && text.contains("console=ttyS0")).then_some(())
        })
    }

    /// Types a text at the end of the `linux` line, which is the fourth of the entry, and waits
    /// until the editor shows it.
    ///
    /// # Errors
    ///
    /// When the editor does not show it.
    pub fn append_to_linux_line(&mut self, text: &str) -> Result<(), HarnessError> {
        for _ in 0..3 {
            self.serial().press_echoed(Key::CTRL_N)?;
        }
        self.serial().press_echoed(Key::CTRL_E)?;
        self.serial().type_text(" ")?;
        let typed: Vec<char> = text.chars().collect();
        for end in 1..=typed.len() {
            // The editor draws the whole line anew for each character, and has no buffer for more.
            let shown: String = typed.iter().take(end).skip(end.saturating_sub(TAIL)).collect();
            self.serial()
                .send(shown.chars().last().map(String::from).unwrap_or_default().as_bytes())?;
            self.serial().wait_for_screen("the typed text", limits::KEYSTROKE, |screen| {
                unwrapped(screen).contains(&shown).then_some(())
            })?;
        }
        Ok(())
    }

    /// Opens menu and editor, types a text at the end of the `linux` line and starts.
    ///
    /// # Errors
    ///
    /// When GRUB does not follow.
    pub fn start_with(&mut self, text: &str) -> Result<(), HarnessError> {
        self.open_grub_menu()?;
        self.open_grub_editor()?;
        self.append_to_linux_line(text)?;
        self.start_edited()
    }

    /// Starts the edited entry with Ctrl-X.
    ///
    /// # Errors
    ///
    /// When the serial line is closed.
    pub fn start_edited(&mut self) -> Result<(), HarnessError> {
        self.serial().forget();
        self.serial().press(Key::CTRL_X)
    }
}

/// The screen without the line breaks that GRUB's editor marks with a backslash.
fn unwrapped(screen: &str) -> String {
    screen.lines().map(|line| line.trim().trim_matches('|').trim().trim_end_matches('\\')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_the_lines_that_the_editor_wraps() {
        let screen = " |linux /boot/bzImage network=sta\\ | \n |tic:ip=10.0.2.77  | \n";
        assert!(unwrapped(screen).contains("network=static:ip=10.0.2.77"));
    }
}
