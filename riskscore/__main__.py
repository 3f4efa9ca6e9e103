"""``python -m riskscore``."""

from __future__ import annotations


def main() -> None:
    """Run the command line; what goes wrong beyond words is told without the credentials of any address."""
    from riskscore.cli import commands

    try:
        commands(prog_name="riskscore")
    except Exception:
        import sys
        import traceback

        from riskscore.errors import redacted

        sys.stderr.write(redacted(traceback.format_exc()))
        sys.exit(1)


if __name__ == "__main__":
    main()
