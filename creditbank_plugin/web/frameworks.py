"""Frameworks of outcomes for everybody who is logged in: which there are, what stands in them, what each item is tied to."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from creditbank_plugin.formats.case import ITEMS, PACKAGES, PATH
from creditbank_plugin.services.catalogue import framework_tree, frameworks
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.web import query
from creditbank_plugin.web.access import for_everybody, has_role, runtime
from creditbank_plugin.web.page import page
from creditbank_plugin.web.words import known, t


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages to ``blueprint``."""
    blueprint.add_url_rule("/frameworks", "frameworks", for_everybody(show))
    blueprint.add_url_rule("/frameworks/<code>", "framework_one", for_everybody(one))
    blueprint.add_url_rule("/frameworks/<code>/<item_id>", "framework_item", for_everybody(item))


def show() -> ResponseReturnValue:
    """List the frameworks."""
    return page("frameworks", found=frameworks.counted(runtime()), may_load=has_role("admin"))


def one(code: str) -> ResponseReturnValue:
    """Show one framework as a tree, by its areas or levels, or what is looked for in it."""
    counted = frameworks.one(runtime(), code)
    search = query.words()
    shown = framework_tree.tree(runtime(), counted.framework.id, search=search, group=request.args.get("group") or None)
    return page(
        "framework",
        counted=counted,
        framework=counted.framework,
        tree=shown,
        search=search,
        group_name=_group_name,
        kind=kind,
        has_text=has_text,
        package_url=_case(PACKAGES, counted.framework.id),
    )


def item(code: str, item_id: str) -> ResponseReturnValue:
    """Show one item: its text or that its source is not attached yet, its ties, and who yields it."""
    found = frameworks.item(runtime(), item_id)
    return page(
        "framework_item",
        found=found,
        item=found.item,
        framework=found.framework,
        has_text=has_text,
        kind=kind,
        case_url=_case(ITEMS, found.item.id),
    )


def has_text(row: Stored) -> bool:
    """Tell whether an item has a sourced text in either language."""
    return row.text_th is not None or row.text_en is not None


def _group_name(grouping: str, name: object) -> str:
    if name is None:
        return t("frameworks.no_group")
    return t("frameworks.level", level=name) if grouping == framework_tree.LEVEL else str(name)


def kind(code: str) -> str:
    """Return the word for a kind of items, or what its framework calls it."""
    return t(f"item_kind.{code}") if known(f"item_kind.{code}") else code


def _case(what: str, identifier: str) -> str:
    return f"{request.script_root}{runtime().settings.url_prefix}{PATH}/{what}/{identifier}"
