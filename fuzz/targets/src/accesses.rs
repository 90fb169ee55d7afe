//! Access traces, as `lamarck cache` reads them.

use lamarck_cache::io::csv::{self, CsvColumns};
use lamarck_cache::io::{compressed, oracle_general};
use lamarck_cache::{Error, SizeRule, Trace};
use std::io::Read;

/// The most decompressed bytes that are read. A frame of a few bytes can stand for gigabytes, which whoever owns the file
/// may well want; the fuzzer would only find that.
const MOST: u64 = 1 << 18;

/// The first byte says the format and the rule for sizes that change, the rest is the file, compressed or not.
pub(crate) fn access_trace(bytes: &[u8]) {
    let Some((&how, file)) = bytes.split_first() else { return };
    let rule = match how >> 1 & 3 {
        0 => SizeRule::Refuse,
        1 => SizeRule::First,
        _ => SizeRule::Largest,
    };
    let Ok(source) = compressed::reader(file) else { return };
    let source = source.take(MOST);
    if how & 1 == 0 {
        oracle_general::read(source, rule).map_or_else(described, |trace| {
            check(&trace);
            again(&trace);
        });
        return;
    }
    let columns = CsvColumns {
        op: (how & 8 != 0).then(|| "op".to_owned()),
        delimiter: if how & 16 == 0 { b',' } else { b';' },
        ..CsvColumns::default()
    };
    csv::read_from(source, &columns, rule).map_or_else(described, |read| {
        check(&read.trace);
        let named = |&id: &u64| usize::try_from(id).is_ok_and(|id| id < read.names.len());
        assert!(read.names.is_empty() || read.trace.ids().iter().all(named), "an id without a name");
        again(&read.trace);
    });
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_or_else`")]
fn described(error: Error) {
    assert!(!error.to_string().is_empty());
}

fn check(trace: &Trace) {
    assert_eq!(trace.ids().len(), trace.sizes().len());
    let objects = trace.ids().len();
    assert!(trace.objects().iter().all(|&object| (object as usize) < objects), "an access to no object");
    for access in 0..trace.len() {
        let _ = trace.op(access);
    }
}

/// What can be written is read again as the same.
fn again(trace: &Trace) {
    let mut file = Vec::new();
    if oracle_general::write(trace, None, &mut file).is_ok() {
        let read = oracle_general::read(&file[..], SizeRule::Refuse).expect("what was written");
        assert_eq!((read.ids(), read.sizes(), read.objects()), (trace.ids(), trace.sizes(), trace.objects()));
    }
}
