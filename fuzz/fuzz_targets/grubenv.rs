//! GRUB's environment block: what is read fits again, with the same variables.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::boot_slots;
use model::grubenv::GrubEnv;
use model::slot::Slot;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut block) = GrubEnv::decode(bytes) else { return };
    let encoded = block.encode().expect("what fitted fits again");
    assert_eq!(GrubEnv::decode(&encoded).as_ref(), Ok(&block));
    for slot in Slot::ALL {
        boot_slots::arrived(&mut block, slot);
        assert!(boot_slots::tries(&block, slot) <= boot_slots::MAX_TRIES);
        let _ = boot_slots::report(&block, slot);
        boot_slots::healthy(&mut block, slot);
        assert_eq!(boot_slots::tries(&block, slot), 0);
    }
});
