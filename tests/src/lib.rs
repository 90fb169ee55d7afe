//! Workspace-level tests of Lamarck: the real binary, real plugins, misbehaving plugins
