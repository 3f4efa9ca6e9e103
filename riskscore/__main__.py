"""``python -m riskscore``."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from riskscore.cli import commands

    commands(prog_name="riskscore")


if __name__ == "__main__":
    main()
