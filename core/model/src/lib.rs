//! Architectures, layer graphs, candidates and the trace schema of Lamarck
