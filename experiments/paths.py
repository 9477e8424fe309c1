"""Where the files that ship with the program are."""

from pathlib import Path


class ConfigurationFolderMissing(FileNotFoundError):
    """The folder of shipped configuration is neither in the installation nor in the checkout."""


def conf_dir(root: Path | None = None) -> Path:
    """Return the absolute path of the shipped configuration, in a checkout and in an installed wheel alike.

    A wheel holds it as ``sim/conf``, inside a package, since a top-level folder ``conf`` among other people's
    packages could be anybody's; it is therefore looked for first. A checkout holds it as ``conf``.

    Args:
        root: The folder that holds the packages ``sim`` and ``experiments``; by default the one this file is in.

    Returns:
        The absolute path of an existing folder.

    Raises:
        ConfigurationFolderMissing: Neither place has it.
    """
    home = Path(__file__).resolve().parents[1] if root is None else root.resolve()
    in_wheel, in_checkout = home / "sim" / "conf", home / "conf"
    for folder in (in_wheel, in_checkout):
        if folder.is_dir():
            return folder
    raise ConfigurationFolderMissing(
        f"shipped configuration not found: neither {in_wheel} nor {in_checkout} is a folder; reinstall stalemate"
    )
