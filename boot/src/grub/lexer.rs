//! The change of one byte that makes GRUB take `;` for a part of a word.
//!
//! The manual has people type `network=static:ip=..;netmask=..` at the end of the `linux` line. GRUB's
//! script lexer ends a command at `;`, so only the part before it would reach the kernel. Which class
//! a character belongs to stands in a table of 256 bytes that flex generated (`yy_ec`, in
//! `normal.mod`). Giving `;` the class of `,` is the whole change. See ADR 1.

use thiserror::Error;

/// Size of the table: one class for each byte.
const TABLE_BYTES: usize = 256;
/// Characters with a meaning of their own in GRUB's scripts, so each with its own class.
const SPECIAL: &[u8] = b";{}|&$<>";
/// Characters that are ordinary parts of words, so all of one class.
const ORDINARY: &[u8] = b",:";
/// Class of every ordinary character.
const ORDINARY_CLASS: u8 = 1;

/// The lexer's table is not where, or not what, it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("GRUB's normal.mod holds {found} lexer tables instead of one")]
pub struct LexerError {
    /// Number of places that look like the table.
    pub found: usize,
}

/// Makes `;` an ordinary character in GRUB's `normal.mod`.
///
/// # Errors
///
/// [`LexerError`] unless exactly one table is found, so that a changed GRUB is never patched blindly.
pub fn accept_semicolon(module: &mut [u8]) -> Result<(), LexerError> {
    let tables: Vec<usize> = module
        .windows(TABLE_BYTES)
        .enumerate()
        .filter(|(_, window)| is_table(window))
        .map(|(offset, _)| offset)
        .collect();
    let [table] = tables[..] else { return Err(LexerError { found: tables.len() }) };
    module[table + usize::from(b';')] = ORDINARY_CLASS;
    Ok(())
}

fn is_table(window: &[u8]) -> bool {
    let class = |character: u8| window[usize::from(character)];
    let mut special: Vec<u8> = SPECIAL.iter().map(|character| class(*character)).collect();
    special.sort_unstable();
    special.dedup();
    class(0) == 0
        && window[128..].iter().all(|class| *class == ORDINARY_CLASS)
        && class(b'\t') == class(b' ')
        && class(b'\n') != class(b' ')
        && special.len() == SPECIAL.len()
        && !special.contains(&ORDINARY_CLASS)
        && ORDINARY.iter().all(|character| class(*character) == ORDINARY_CLASS)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const MODULES: [&str; 2] =
        ["/usr/lib/grub/i386-pc/normal.mod", "/usr/lib/grub/x86_64-efi/normal.mod"];

    #[test]
    fn changes_exactly_one_byte_of_the_installed_modules() {
        for path in MODULES {
            let original = fs::read(path).expect("GRUB's modules are installed");
            let mut changed = original.clone();
            accept_semicolon(&mut changed).expect("one table");
            let differences: Vec<_> =
                original.iter().zip(&changed).filter(|(old, new)| old != new).collect();
            assert_eq!(differences.len(), 1, "{path}");
            assert_eq!(*differences[0].1, ORDINARY_CLASS, "{path}");
        }
    }

    #[test]
    fn refuses_a_module_without_the_table_and_one_already_changed() {
        assert_eq!(accept_semicolon(&mut [1; 4096]), Err(LexerError { found: 0 }));
        assert_eq!(accept_semicolon(&mut []), Err(LexerError { found: 0 }));
        let mut module = fs::read(MODULES[0]).expect("GRUB's modules are installed");
        accept_semicolon(&mut module).expect("one table");
        assert_eq!(accept_semicolon(&mut module), Err(LexerError { found: 0 }));
    }

    #[test]
    fn refuses_two_tables() {
        let module = fs::read(MODULES[0]).expect("GRUB's modules are installed");
        let mut twice = [module.clone(), module].concat();
        assert_eq!(accept_semicolon(&mut twice), Err(LexerError { found: 2 }));
    }
}
