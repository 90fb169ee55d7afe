//! The pickle reader: what Python writes, what it must refuse, and what must never happen.

mod support;

use lamarck_nas_bench_201_table::{
    ErrorKind,
    pickle::{self, Limits, PickleProblem, Value},
};
use proptest::prelude::*;
use std::fmt::Write as _;
use support::{dict, float, int, list, pair, text, unhex, whole};

fn limits() -> Limits {
    Limits::default()
}

fn problem(input: &[u8]) -> PickleProblem {
    pickle::read(input, &limits()).unwrap_err().problem
}

/// The value as Python would print it, as far as it goes.
fn printed(value: Value<'_>) -> String {
    let mut out = String::new();
    print(value, 0, &mut out);
    out
}

fn print(value: Value<'_>, depth: usize, out: &mut String) {
    if depth > 20 {
        out.push_str("..");
    } else if let Some(entries) = value.entries() {
        out.push('{');
        for (key, value) in entries {
            print(key, depth + 1, out);
            out.push(':');
            print(value, depth + 1, out);
            out.push(' ');
        }
        out.push('}');
    } else if let Some(items) = value.items() {
        write!(out, "{}[", value.type_name()).unwrap();
        for item in items {
            print(item, depth + 1, out);
            out.push(' ');
        }
        out.push(']');
    } else if let Some(text) = value.as_str() {
        write!(out, "'{text}'").unwrap();
    } else if let Some(bytes) = value.as_bytes() {
        write!(out, "{bytes:?}").unwrap();
    } else if let Some(value) = value.as_bool() {
        write!(out, "{value}").unwrap();
    } else if let Some(value) = value.as_int() {
        write!(out, "{value}").unwrap();
    } else if let Some(value) = value.as_float() {
        write!(out, "{value:?}").unwrap();
    } else {
        out.push_str(value.type_name());
    }
}

/// `pickle.dumps(d, protocol)` of `CPython` 3.11, where d is
/// `[1, -1, 300, -70000, 2**40, -2**63, True, False, None, 2.5, "a", "é€😀", b"\x00\xffa", (), (1,), (1, 2),
/// (1, 2, 3), (1, 2, 3, 4), {5}, frozenset([6]), {}, {"k": [7]}, OrderedDict([("x", 1), ("y", 2)]), d[-2]]`.
const PLAIN: [&str; 6] = [
    "286c70300a49310a61492d310a61493330300a61492d37303030300a614c313039393531313632373737364c0a614c2d3932\
     32333337323033363835343737353830384c0a614930310a614930300a614e6146322e350a6156610a70310a6156e95c7532\
     3061635c5530303031663630300a70320a61635f636f646563730a656e636f64650a70330a28565c7530303030ff610a7034\
     0a566c6174696e310a70350a7470360a5270370a612874612849310a7470380a612849310a49320a7470390a612849310a49\
     320a49330a747031300a612849310a49320a49330a49340a747031310a61635f5f6275696c74696e5f5f0a7365740a703132\
     0a28286c7031330a49350a61747031340a527031350a61635f5f6275696c74696e5f5f0a66726f7a656e7365740a7031360a\
     28286c7031370a49360a61747031380a527031390a6128647032300a6128647032310a566b0a7032320a286c7032330a4937\
     0a61736163636f6c6c656374696f6e730a4f726465726564446963740a7032340a2874527032350a56780a7032360a49310a\
     7356790a7032370a49320a73616732310a612e",
    "5d7100284b014affffffff4d2c014a90eefeff4c313039393531313632373737364c0a4c2d39323233333732303336383534\
     3737353830384c0a4930310a4930300a4e47400400000000000058010000006171015809000000c3a9e282acf09f98807102\
     635f636f646563730a656e636f64650a710328580400000000c3bf61710458060000006c6174696e31710574710652710729\
     284b01747108284b014b02747109284b014b024b0374710a284b014b024b034b0474710b635f5f6275696c74696e5f5f0a73\
     65740a710c285d710d4b056174710e52710f635f5f6275696c74696e5f5f0a66726f7a656e7365740a7110285d71114b0661\
     7471125271137d71147d711558010000006b71165d71174b07617363636f6c6c656374696f6e730a4f726465726564446963\
     740a71182952711928580100000078711a4b01580100000079711b4b02756815652e",
    "80025d7100284b014affffffff4d2c014a90eefeff8a060000000000018a08000000000000008088894e4740040000000000\
     0058010000006171015809000000c3a9e282acf09f98807102635f636f646563730a656e636f64650a7103580400000000c3\
     bf61710458060000006c6174696e317105867106527107294b018571084b014b028671094b014b024b0387710a284b014b02\
     4b034b0474710b635f5f6275696c74696e5f5f0a7365740a710c5d710d4b056185710e52710f635f5f6275696c74696e5f5f\
     0a66726f7a656e7365740a71105d71114b06618571125271137d71147d711558010000006b71165d71174b07617363636f6c\
     6c656374696f6e730a4f726465726564446963740a71182952711928580100000078711a4b01580100000079711b4b027568\
     15652e",
    "80035d7100284b014affffffff4d2c014a90eefeff8a060000000000018a08000000000000008088894e4740040000000000\
     0058010000006171015809000000c3a9e282acf09f98807102430300ff617103294b018571044b014b028671054b014b024b\
     03877106284b014b024b034b04747107636275696c74696e730a7365740a71085d71094b056185710a52710b636275696c74\
     696e730a66726f7a656e7365740a710c5d710d4b066185710e52710f7d71107d711158010000006b71125d71134b07617363\
     636f6c6c656374696f6e730a4f726465726564446963740a7114295271152858010000007871164b0158010000007971174b\
     02756811652e",
    "800495b0000000000000005d94284b014affffffff4d2c014a90eefeff8a060000000000018a08000000000000008088894e\
     4740040000000000008c0161948c09c3a9e282acf09f988094430300ff6194294b0185944b014b0286944b014b024b038794\
     284b014b024b034b0474948f94284b0590284b0691947d947d948c016b945d944b0761738c0b636f6c6c656374696f6e7394\
     8c0b4f72646572656444696374949394295294288c0178944b018c0179944b0275680b652e",
    "800595b0000000000000005d94284b014affffffff4d2c014a90eefeff8a060000000000018a08000000000000008088894e\
     4740040000000000008c0161948c09c3a9e282acf09f988094430300ff6194294b0185944b014b0286944b014b024b038794\
     284b014b024b034b0474948f94284b0590284b0691947d947d948c016b945d944b0761738c0b636f6c6c656374696f6e7394\
     8c0b4f72646572656444696374949394295294288c0178944b018c0179944b0275680b652e",
];

#[test]
fn every_protocol_gives_the_same() {
    let expected = "a list[1 -1 300 -70000 1099511627776 -9223372036854775808 true false None 2.5 'a' 'é€😀' \
                    [0, 255, 97] a tuple[] a tuple[1 ] a tuple[1 2 ] a tuple[1 2 3 ] a tuple[1 2 3 4 ] \
                    a set[5 ] a set[6 ] {} {'k':a list[7 ] } {'x':1 'y':2 } {'k':a list[7 ] } ]";
    for (protocol, digits) in PLAIN.iter().enumerate() {
        let bytes = unhex(digits);
        let read = pickle::read(&bytes, &limits()).unwrap();
        assert_eq!(printed(read.root()), expected, "protocol {protocol}");
    }
}

#[test]
fn every_cut_of_every_protocol_is_an_error() {
    for digits in PLAIN {
        let bytes = unhex(digits);
        for length in 0..bytes.len() {
            assert!(pickle::read(&bytes[..length], &limits()).is_err(), "{length}");
        }
    }
}

#[test]
fn numpy_scalars_are_numbers() {
    // (np.float64(0.129306), np.dtype("<f8") shared), as the official files hold them.
    let scalar = |module: &str, code: &str, order: &str, bytes: &[u8]| {
        let dtype = [
            b"cnumpy\ndtype\n(".to_vec(),
            text(code),
            int(0),
            int(1),
            b"tR(".to_vec(),
            int(3),
            text(order),
            b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb".to_vec(),
        ];
        let length = u8::try_from(bytes.len()).unwrap();
        let name = format!("c{module}\nscalar\n");
        whole(&[name.as_bytes(), &dtype.concat(), b"C", &[length], bytes, b"\x86R"].concat())
    };
    let value = |bytes: &[u8]| {
        let read = pickle::read(bytes, &limits()).map_err(|error| error.problem)?;
        Ok::<_, PickleProblem>((read.root().as_int(), read.root().as_float(), read.root().as_bool()))
    };
    let official = scalar("numpy.core.multiarray", "f8", "<", b"\x0b\x9a\x96X\x19\x8d\xc0?");
    assert_eq!(value(&official), Ok((None, Some(0.129_306), None)));
    let numpy2 = scalar("numpy._core.multiarray", "f4", "<", &2.5_f32.to_le_bytes());
    assert_eq!(value(&numpy2), Ok((None, Some(2.5), None)));
    let big = scalar("numpy.core.multiarray", "i2", ">", &(-300_i16).to_be_bytes());
    assert_eq!(value(&big), Ok((Some(-300), Some(-300.0), None)));
    let byte = scalar("numpy.core.multiarray", "u1", "|", &[200]);
    assert_eq!(value(&byte).unwrap().0, Some(200));
    let truth = scalar("numpy.core.multiarray", "b1", "|", &[1]);
    assert_eq!(value(&truth), Ok((None, None, Some(true))));
    for refused in [
        scalar("numpy.core.multiarray", "O8", "|", &[0; 8]),
        scalar("numpy.core.multiarray", "f8", "<", &[0; 7]),
        scalar("numpy.core.multiarray", "u8", "<", &[255; 8]),
        scalar("numpy.core.multiarray", "f8", "?", &[0; 8]),
    ] {
        assert!(matches!(value(&refused), Err(PickleProblem::Arguments { .. })), "{refused:?}");
    }
}

#[test]
fn what_would_be_executed_is_refused_by_name() {
    let error =
        pickle::read(b"\x80\x02]q\x00cposix\nsystem\nX\x02\x00\x00\x00id\x85R.", &limits()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "pickle, byte 5: `posix.system` is not allowed; only plain data is read, nothing is executed"
    );
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let by_stack = [b"\x80\x04", &text("builtins")[..], &text("eval")[..], b"\x93."].concat();
    assert!(
        matches!(problem(&by_stack), PickleProblem::ForbiddenGlobal { module, name } if module == "builtins" && name == "eval")
    );
    // Torch tensors, numpy arrays: not needed, so not allowed.
    assert!(matches!(
        problem(b"cnumpy.core.multiarray\n_reconstruct\n."),
        PickleProblem::ForbiddenGlobal { .. }
    ));
    for (opcode, name) in
        [(b'P', "PERSID"), (b'i', "INST"), (0x81, "NEWOBJ"), (0x82, "EXT1"), (0x97, "NEXT_BUFFER")]
    {
        assert_eq!(problem(&[b'N', opcode, b'.']), PickleProblem::ForbiddenOpcode(name));
    }
    assert_eq!(problem(b"\xff"), PickleProblem::UnknownOpcode(0xff));
    // An allowed class is no way in either: it cannot be called with anything, and has no state to set.
    assert!(matches!(problem(b"ccollections\nOrderedDict\nK\x01\x85R."), PickleProblem::Arguments { .. }));
    assert!(matches!(problem(b"ccollections\nOrderedDict\n)R}b."), PickleProblem::Type { .. }));
    assert!(matches!(problem(b"K\x01)R."), PickleProblem::Type { .. }));
}

#[test]
fn damage_is_named() {
    for (input, expected) in [
        (&b""[..], PickleProblem::Truncated),
        (b"K", PickleProblem::Truncated),
        (b"K\x01", PickleProblem::Truncated),
        (b"X\xff\xff\xff\xffa.", PickleProblem::Truncated),
        (b"\x8e\xff\xff\xff\xff\xff\xff\xff\xffa.", PickleProblem::Truncated),
        (b"\x95\x09\0\0\0\0\0\0\0N.", PickleProblem::Truncated),
        (b".", PickleProblem::StackUnderflow),
        (b"N(\x85.", PickleProblem::StackUnderflow),
        (b"e.", PickleProblem::NoMark),
        (b"}(Nu.", PickleProblem::OddItems),
        (b"NNa.", PickleProblem::Type { expected: "a list", found: "None" }),
        (b"h\x05.", PickleProblem::NoMemo(5)),
        (b"Nq\x05h\x04.", PickleProblem::NoMemo(4)),
        (b"X\x01\0\0\0\xff.", PickleProblem::Text("UTF-8 text")),
        (b"I1x\n.", PickleProblem::Text("a decimal integer")),
        (b"L9223372036854775808L\n.", PickleProblem::LongInteger),
        (b"\x8a\x09\0\0\0\0\0\0\0\0\x01.", PickleProblem::LongInteger),
        (b"\x8a\x09\0\0\0\0\0\0\0\x80\0.", PickleProblem::LongInteger),
        (b"F1.5.\n.", PickleProblem::Text("a decimal number")),
        (b"S'a\n.", PickleProblem::Text("a string in quotes")),
        (b"V\\u12\n.", PickleProblem::Text("text with unicode escapes")),
        (b"\x80\x06N.", PickleProblem::Protocol(6)),
        (b"N.N.", PickleProblem::Trailing(2)),
    ] {
        assert_eq!(problem(input), expected, "{}", input.escape_ascii());
    }
    let text = pickle::read(b"S'a\\n\\x41\\''\n.", &limits()).unwrap();
    assert_eq!(text.root().as_bytes(), Some(&b"a\nA'"[..]));
}

#[test]
fn nothing_grows_beyond_its_bound() {
    let too_large = |input: &[u8], limits: Limits| {
        let error = pickle::read(input, &limits).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    };
    let small = Limits { input: 1 << 20, items: 1_000, depth: 100 };
    too_large(&vec![b'N'; (1 << 20) + 1], small);
    too_large(&whole(&list((0..1_000).map(int))), small);
    too_large(&b"N0".repeat(1_001), small);
    too_large(&[b'N'; 101], small);
    too_large(&[b'('; 101], small);
    // Six bytes that ask for a memo of four thousand million places.
    too_large(b"Nr\xff\xff\xff\xff.", limits());
    // Copies of one long text, each a few bytes of input.
    let text = text(&"a".repeat(10_000));
    let codec = support::text("latin1");
    let call = b"h\x00h\x01h\x02\x86R0";
    let copies =
        [&b"c_codecs\nencode\nq\x00"[..], &text, b"q\x01", &codec, b"q\x02", &call.repeat(1_000)].concat();
    too_large(&copies, small);
    // The same of one long list.
    let items = list((0..500).map(int));
    let call = b"h\x00h\x01\x85R0";
    let copies = [&b"cbuiltins\nset\nq\x00"[..], &items, b"q\x01", &call.repeat(1_000)].concat();
    too_large(&copies, small);
}

#[test]
fn depth_and_cycles_are_harmless() {
    // A list in a list in a list, 900,000 deep: reading and dropping take no stack.
    let deep = [b"]".repeat(900_000), b"a".repeat(899_999), b".".to_vec()].concat();
    let read = pickle::read(&deep, &limits()).unwrap();
    assert_eq!(read.root().items().unwrap().len(), 1);
    drop(read);
    // x = []; x.append(x)
    let cycle = pickle::read(b"\x80\x02]q\x00h\x00a.", &limits()).unwrap();
    assert_eq!(printed(cycle.root()).matches("a list").count(), 21);
}

/// A pickle of the official files' shape.
fn official_like() -> Vec<u8> {
    let run =
        dict([(text("eval_acc1es"), dict([(text("x-valid@199"), float(90.5))])), (text("epochs"), int(200))]);
    let runs = dict([(pair(&text("cifar100"), &int(777)), run)]);
    let times = b"ccollections\nOrderedDict\n)R".to_vec();
    whole(&list([runs, times, unhex(PLAIN[4])[2..].strip_suffix(b".").unwrap().to_vec()]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = pickle::read(&bytes, &Limits { items: 10_000, ..limits() });
    }

    /// Opcodes alone, so that more of them meet a stack that suits them.
    #[test]
    fn arbitrary_opcodes_never_panic(
        codes in proptest::collection::vec(proptest::sample::select(b"N]})(tledua012Rb.\x85\x86\x87\x88\x89\x8f\x90\x91\x93\x94".to_vec()), 0..200)
    ) {
        let _ = pickle::read(&codes, &limits());
    }

    #[test]
    fn mutated_pickles_never_panic(
        which in 0..7_usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
    ) {
        let mut bytes = PLAIN.get(which).map_or_else(official_like, |digits| unhex(digits));
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(read) = pickle::read(&bytes, &limits()) {
            // What is read can be walked.
            prop_assert!(!printed(read.root()).is_empty());
        }
    }

    #[test]
    fn integers_of_any_length_read_as_python_writes_them(value: i64, padding in 0_usize..5) {
        let mut bytes = value.to_le_bytes().to_vec();
        let sign = if value < 0 { 255 } else { 0 };
        bytes.resize(8 + padding, sign);
        let length = u8::try_from(bytes.len()).unwrap();
        let read = [&[0x8a, length][..], &bytes, b"."].concat();
        prop_assert_eq!(pickle::read(&read, &limits()).unwrap().root().as_int(), Some(value));
        let line = format!("L{value}L\n.");
        prop_assert_eq!(pickle::read(line.as_bytes(), &limits()).unwrap().root().as_int(), Some(value));
    }
}

#[test]
fn mutated_real_files_never_panic() {
    let Some(folder) = support::nats_sample() else { return };
    let bytes = support::unbzip2(&std::fs::read(folder.join("000011.pickle.pbz2")).unwrap());
    assert!(pickle::read(&bytes, &limits()).is_ok());
    // A stride of a prime number through the file, with a byte that differs each time.
    let mut damaged = bytes.clone();
    for (round, place) in (0..bytes.len()).step_by(9_973).enumerate() {
        damaged[place] = damaged[place].wrapping_add(u8::try_from(round % 255).unwrap() + 1);
        let _ = pickle::read(&damaged, &limits());
        damaged[place] = bytes[place];
        assert!(pickle::read(&bytes[..place], &limits()).is_err());
    }
}
