//! Pickles, in which tables of benchmarks are published.

use lamarck_nas_bench_201_table::pickle::{self, Limits, Value};

/// A tenth of the default, so that the fuzzer reaches the limits with inputs of its size.
const LIMITS: Limits = Limits { input: 1 << 20, items: 200_000, depth: 10_000 };

/// Values that are looked at. A pickle can contain itself, so its values are not walked to their end.
const MOST: usize = 10_000;

pub(crate) fn pickle(bytes: &[u8]) {
    match pickle::read(bytes, &LIMITS) {
        Ok(pickle) => walk(pickle.root()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn walk(root: Value<'_>) {
    let mut open = vec![root];
    for _ in 0..MOST {
        let Some(value) = open.pop() else { return };
        let kinds = [
            value.is_none(),
            value.as_bool().is_some(),
            value.as_int().is_some(),
            value.as_str().is_some(),
            value.as_bytes().is_some(),
            value.items().is_some(),
            value.entries().is_some(),
        ];
        assert!(kinds.iter().filter(|is| **is).count() <= 1, "{} is of several kinds", value.type_name());
        assert!(value.as_int().is_none() || value.as_float().is_some());
        let _ = value.get("key");
        open.extend(value.items().into_iter().flatten().take(MOST));
        for (key, of_key) in value.entries().into_iter().flatten().take(MOST) {
            open.extend([key, of_key]);
        }
        open.truncate(MOST);
    }
}
