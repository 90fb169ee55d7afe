//! Workspace-level tests: the real plugins and the misbehaving ones, through the runtime.
