#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lamarck_fuzz_targets::run("import_syne_tune", bytes));
