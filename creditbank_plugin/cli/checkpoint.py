"""``creditbank checkpoint`` and ``creditbank verify``: sign the ledger, and hold it against what was signed."""

from pathlib import Path
from typing import Any

import click

from creditbank_plugin.cli.faults import Fault
from creditbank_plugin.cli.installation import runtime
from creditbank_plugin.cli.output import answer, as_json, note, progress
from creditbank_plugin.formats import checkpoint_json
from creditbank_plugin.rules.checkpoint import Checkpoint
from creditbank_plugin.services.proving import against as holding
from creditbank_plugin.services.proving import checkpoints
from creditbank_plugin.services.proving import verify as verifying

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the file here, to be kept elsewhere."
)
@click.option("--number", type=click.IntRange(min=1), metavar="N", help="Make none: give checkpoint N once more.")
@click.option("--prove", metavar="ACCOUNT", help="Make none: prove that this account is in the newest, or in --number.")
@click.option("--new-key", is_flag=True, help="Sign with the key at hand though the last checkpoint bears another.")
@as_json
def checkpoint(out: Path | None, number: int | None, prove: str | None, new_key: bool, as_json: bool) -> None:
    """Sign the heads of all accounts as they are now.

    Keep the file, and the fingerprint of the key, where the owners of this database cannot write: `creditbank verify
    --against FILE` tells from them whether history was rewritten since.
    """
    if out is not None and not out.parent.is_dir():
        raise Fault(f"there is no folder {out.parent}", "ไม่พบโฟลเดอร์")
    found = runtime()
    if prove is not None:
        proof = checkpoints.prove(found, prove, number)
        text = checkpoint_json.write_proof(proof)
        lines = [f"account {proof.head.account_id}: entry {proof.head.seq} is in checkpoint {proof.checkpoint.number}"]
        if out is None:
            click.echo(text, nl=False)
            return
        _save(out, text)
        answer(as_json, checkpoint_json.proof_as_dict(proof), *lines, f"written to {out}")
        return
    if number is not None:
        made = checkpoints.get(found, number)
    else:
        with progress("accounts") as step:
            made = checkpoints.make(found, new_key=new_key, progress=step)
    if out is not None:
        _save(out, checkpoint_json.write(made))
    answer(as_json, checkpoint_json.as_dict(made), *_lines(made), *([f"written to {out}"] if out is not None else []))


@click.command()
@click.option("--against", type=_FILE, help="A checkpoint kept elsewhere: was history rewritten since?")
@click.option("--proof", type=_FILE, help="Check an inclusion proof by itself, without a database.")
@click.option("--key", metavar="FINGERPRINT_OR_FILE", help="Who must have signed it: the fingerprint you kept.")
@as_json
@click.pass_context
def verify(ctx: click.Context, against: Path | None, proof: Path | None, key: str | None, as_json: bool) -> None:
    """Walk every chain of the ledger; exit code 1 when anything is broken."""
    if against is not None and proof is not None:
        raise click.UsageError("--against and --proof are two different questions: ask one at a time.")
    if key is not None and against is None and proof is None:
        raise click.UsageError("--key belongs to --against or --proof.")
    named = _key(key) if key is not None else None
    if proof is not None:
        _verify_proof(ctx, proof, named, as_json)
        return
    installation = runtime()
    compared = holding.against(installation, against.read_bytes(), named) if against is not None else None
    with progress("entries") as step:
        result: dict[str, Any] = verifying.verify(installation, progress=step, processes=verifying.processes_at_hand())
    lines = []
    if compared is not None:
        result = {**result, "broken": [*compared.broken, *result["broken"]], "checkpoint": compared.about}
        lines.append(_compared_line(compared.about))
    broken = result["broken"]
    lines += [
        f"account {each['account_id']} entry {each['seq']}: {each['why']}" if each["account_id"] else str(each["why"])
        for each in broken
    ]
    lines.append(f"{result['accounts']} accounts, {result['entries']} entries, {len(broken)} broken")
    answer(as_json, result, *lines)
    if compared is not None:
        _say_whose(compared.about)
    if broken:
        ctx.exit(1)


def _verify_proof(ctx: click.Context, file: Path, key: str | None, machine: bool) -> None:
    """Say whether a proof holds, by itself."""
    told = holding.proved(file.read_bytes(), key)
    signed = told["checkpoint"]
    if told["fits"]:
        what = f"entry {told['seq']} ({told['hash']}) was the last of account {told['account_id']}"
        line = f"proved: {what} in checkpoint {signed['number']} of {signed['made_at']} / หลักฐานถูกต้อง"
    else:
        line = f"NOT proved: {told['why']} / หลักฐานไม่ถูกต้อง"
    answer(machine, told, line, f"key {signed['fingerprint']}")
    _say_whose(signed)
    if not told["fits"]:
        ctx.exit(1)


def _compared_line(about: dict[str, Any]) -> str:
    said = "fits / ตรงกัน" if about["fits"] else "does NOT fit / ไม่ตรงกัน"
    return f"checkpoint {about['number']} of {about['made_at']} (key {about['fingerprint']}): {said}"


def _say_whose(about: dict[str, Any]) -> None:
    """Say so where nobody named the key: anybody can sign with a key of their own."""
    if about["key"] != holding.AS_NAMED:
        note(
            "creditbank: the key was taken from the file; compare its fingerprint with the one you kept, or use --key / "
            "กุญแจมาจากไฟล์เอง โปรดเทียบลายนิ้วมือกับที่เก็บไว้ หรือใช้ --key"
        )


def _lines(made: Checkpoint) -> list[str]:
    return [
        f"checkpoint {made.number} of {made.made_at}: {made.accounts} accounts, {made.entries} entries",
        f"root        {made.root.hex()}",
        f"public key  {made.public_key.hex()}",
        f"fingerprint {made.fingerprint}",
    ]


def _key(told: str) -> str:
    """Return the key that must have signed, from a file of that name or from what was typed."""
    file = Path(told)
    try:
        text = file.read_text(encoding="utf-8") if file.is_file() else told
    except UnicodeDecodeError:
        text = ""
    return holding.key_in(text)


def _save(out: Path, text: str) -> None:
    """Write a file in one step: who copies it away never sees half of it."""
    draft = out.with_name(f"{out.name}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(out)
