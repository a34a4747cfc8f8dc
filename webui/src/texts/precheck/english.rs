//! English.

use super::PrecheckTexts;

pub(crate) const TEXTS: PrecheckTexts = PrecheckTexts {
    heading: "Prechecks",
    intro: "Looks at everything that the appliance needs from its surroundings: link, address, gateway, DNS, time, proxies, and the addresses of the cloud.",
    run: "Run prechecks",
    run_again: "Run again",
    none: "The prechecks have not been run since the last start. Run them before you register, and after each change in the network.",
    busy: ("The prechecks are under way already.", "Their results are shown below."),
    running: |done, checks| format!("{done} of {checks} checks done"),
    progress: "Progress of the prechecks",
    caption_running: |at| format!("Begun at {at}"),
};
