//! The classes and functions that are understood, each as data.
//!
//! | name | becomes |
//! |---|---|
//! | `collections.OrderedDict` | a dict |
//! | `numpy.core.multiarray.scalar`, `numpy._core.multiarray.scalar` | a float, an int or a bool |
//! | `numpy.dtype` | the type of such a scalar, nothing else |
//! | `_codecs.encode` with `latin1` | bytes, as protocols 0 to 2 write them |
//! | `builtins.set`, `builtins.frozenset` (and `__builtin__`) | a set, as protocols 0 to 3 write it |

use super::{
    error::PickleProblem,
    value::{Id, Node},
};
use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Global {
    OrderedDict,
    NumpyScalar,
    NumpyDtype,
    Encode,
    Set,
}

impl Global {
    pub(super) fn find(module: &str, name: &str) -> Result<Self, PickleProblem> {
        Ok(match (module, name) {
            ("collections", "OrderedDict") => Self::OrderedDict,
            ("numpy.core.multiarray" | "numpy._core.multiarray", "scalar") => Self::NumpyScalar,
            ("numpy", "dtype") => Self::NumpyDtype,
            ("_codecs", "encode") => Self::Encode,
            ("builtins" | "__builtin__", "set" | "frozenset") => Self::Set,
            _ => {
                return Err(PickleProblem::ForbiddenGlobal {
                    module: shortened(module),
                    name: shortened(name),
                });
            }
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::OrderedDict => "collections.OrderedDict",
            Self::NumpyScalar => "numpy.core.multiarray.scalar",
            Self::NumpyDtype => "numpy.dtype",
            Self::Encode => "_codecs.encode",
            Self::Set => "set",
        }
    }

    /// What a call gives. Containers made here are counted by the caller through the node it gets.
    pub(super) fn call<'a>(self, arguments: &[Id], nodes: &[Node<'a>]) -> Result<Node<'a>, PickleProblem> {
        let node = |id: &Id| nodes.get(*id as usize).unwrap_or(&Node::None);
        let arguments: Vec<&Node<'a>> = arguments.iter().take(8).map(node).collect();
        let bad =
            |problem: &str| PickleProblem::Arguments { global: self.name(), problem: problem.to_owned() };
        match (self, arguments.as_slice()) {
            (Self::OrderedDict, []) => Ok(Node::Dict(Vec::new())),
            (Self::OrderedDict, [Node::List(pairs)]) => {
                let pair = |id: &Id| match node(id) {
                    Node::List(pair) | Node::Tuple(pair) => match pair[..] {
                        [key, value] => Some((key, value)),
                        _ => None,
                    },
                    _ => None,
                };
                let pairs: Option<Vec<_>> = pairs.iter().map(pair).collect();
                pairs.map(Node::Dict).ok_or_else(|| bad("a list of pairs is due"))
            }
            (Self::Set, []) => Ok(Node::Set(Vec::new())),
            (Self::Set, [Node::List(items)]) => Ok(Node::Set(items.clone())),
            (Self::NumpyDtype, [Node::Str(code), ..]) => Dtype::new(code).map(Node::Dtype).ok_or_else(|| {
                bad(&format!(
                    "type `{}`; the numbers b1, i1 to i8, u1 to u8, f4 and f8 are read",
                    shortened(code)
                ))
            }),
            (Self::NumpyScalar, [Node::Dtype(dtype), Node::Bytes(bytes)]) => dtype
                .value(bytes)
                .ok_or_else(|| bad("bytes that are not of the type's size, or beyond 64 bits")),
            (Self::Encode, [Node::Str(text), Node::Str(codec)])
                if matches!(codec.as_ref(), "latin1" | "latin-1" | "iso-8859-1") =>
            {
                let bytes: Result<Vec<u8>, _> = text.chars().map(|c| u8::try_from(u32::from(c))).collect();
                bytes.map(|bytes| Node::Bytes(Cow::Owned(bytes))).map_err(|_| bad("text beyond latin1"))
            }
            _ => {
                let types: Vec<&str> = arguments.iter().map(|node| node.type_name()).collect();
                Err(bad(&format!("({})", types.join(", "))))
            }
        }
    }
}

/// The type of a numpy scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dtype {
    kind: u8,
    size: usize,
    big_endian: bool,
}

impl Dtype {
    fn new(code: &str) -> Option<Self> {
        let (kind, size) = match code.as_bytes() {
            [kind @ (b'i' | b'u'), size @ (b'1' | b'2' | b'4' | b'8')] => (*kind, *size),
            [b'f', size @ (b'4' | b'8')] => (b'f', *size),
            b"b1" => (b'b', b'1'),
            _ => return None,
        };
        Some(Self { kind, size: usize::from(size - b'0'), big_endian: false })
    }

    /// The state that `BUILD` gives: `(version, byte order, ..)`.
    pub(super) fn with_state<'a>(self, state: &Node<'a>, nodes: &[Node<'a>]) -> Option<Self> {
        let Node::Tuple(fields) = state else {
            return None;
        };
        let order = nodes.get(*fields.get(1)? as usize)?;
        let big_endian = match order {
            Node::Str(order) => match order.as_ref() {
                "<" | "|" | "=" => false,
                ">" => true,
                _ => return None,
            },
            _ => return None,
        };
        Some(Self { big_endian, ..self })
    }

    fn value(self, bytes: &[u8]) -> Option<Node<'static>> {
        if bytes.len() != self.size {
            return None;
        }
        // At most 8 bytes, by `new`.
        let mut low = [0; 8];
        let low_part = low.get_mut(..self.size)?;
        low_part.copy_from_slice(bytes);
        if self.big_endian {
            low_part.reverse();
        }
        let unsigned = u64::from_le_bytes(low);
        let unused = u32::try_from(64 - 8 * self.size).ok()?;
        Some(match (self.kind, self.size) {
            (b'f', 4) => Node::Float(f64::from(f32::from_bits(u32::try_from(unsigned).ok()?))),
            (b'f', _) => Node::Float(f64::from_bits(unsigned)),
            (b'b', _) => Node::Bool(unsigned != 0),
            (b'u', _) => Node::Int(i64::try_from(unsigned).ok()?),
            _ => Node::Int((unsigned << unused).cast_signed() >> unused),
        })
    }
}

/// A name for a message: the first 80 characters of it.
fn shortened(name: &str) -> String {
    name.chars().take(80).collect()
}
