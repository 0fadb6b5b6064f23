"""The server's settings: few, because its defaults are good."""

_ALWAYS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "cluster_name": "sparknode",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # One machine, nobody replicates: less is written, and fewer processes stand by.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",
    # Short statements: compiling one takes longer than running it.
    "jit": "off",
}

DURABLE = _ALWAYS | {"max_connections": "200"}

THROWAWAY = _ALWAYS | {
    # A crash of the machine may lose everything. A crash of the server still loses nothing that was committed,
    # so that tests may kill it: synchronous_commit stays on, and costs next to nothing without fsync.
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
    "max_connections": "300",
    "shared_buffers": "32MB",
    # Passwords are checked, but not hardened: tests open connections by the thousand.
    "scram_iterations": "1",
}
