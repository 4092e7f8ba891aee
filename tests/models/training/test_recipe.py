"""The whole recipe at its smallest, through the command line."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
import torch

from ....models.training import chain, export
from ....models.training.__main__ import main, parser
from ....models.training.trainer import Trainer


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every verb of the recipe ran once."""
    folder = tmp_path_factory.mktemp("recipe")
    common = ["--work", str(folder), "--preset", "tiny", "--device", "cpu"]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    steps = [
        ["corpus", "--roots", "tqdm", "jinja2", "networkx", *common],
        ["all", "--no-compile", "--cases", "2", *common],
        ["export", "--fim-order", "psm", *common],
    ]
    for step in steps:
        assert main(step) == 0, step
    torch.set_num_threads(threads)
    return folder


def test_a_recipe_that_is_complete_only_measures_again(work: Path) -> None:
    args = parser().parse_args(["all", "--work", str(work), "--preset", "tiny", "--device", "cpu"])
    words = list(chain.steps(args))
    made = {path.name: path.stat().st_mtime_ns for path in (work / "shards").iterdir()}
    assert [one[:3] for one in words if one[0] == "target"] == [["target", "--phase", "long"]]
    assert not [one for one in words if one[0] in {"corpus", "tokenizer"}]
    assert [one[1] for one in words if one[0] == "draft"] == ["--own"]
    assert set(made) == {
        "even-64-000.npy",
        "fill-64-000.npy",
        "fill-128-000.npy",
        "fill-192-000.npy",
        "own.npy",
    }


def test_a_signal_ends_the_whole_recipe(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("tokenizer.json", "train.jsonl", "corpus.json", "shards"):
        (tmp_path / name).symlink_to(work / name)
    step = Trainer.step

    def interrupted(self: Trainer) -> float:
        os.kill(os.getpid(), signal.SIGTERM)
        return step(self)

    monkeypatch.setattr(Trainer, "step", interrupted)
    common = ["--work", str(tmp_path), "--preset", "tiny", "--device", "cpu", "--no-compile"]
    assert main(["all", *common]) == 1
    assert "goes on from here" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.glob("*.pt")) == ["target-stable.pt"]


def test_the_pair_has_its_layout(work: Path) -> None:
    pair = work / "pair"
    for name in ("target", "draft"):
        made = sorted(path.name for path in (pair / name).iterdir())
        assert made == ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]
    facts = json.loads((pair / "pair.json").read_text())
    assert facts["fim_order"] == "psm"
    assert facts["target"] == "target"


def test_the_corpus_report_names_packages_and_what_was_left_out(work: Path) -> None:
    report = json.loads((work / "pair" / "corpus.json").read_text())
    names = {entry["package"]: entry for entry in report["packages"]}
    assert names["jinja2"]["held_out"]
    assert not names["networkx"]["held_out"]
    assert all(len(entry["sha256"]) == 64 and entry["licence"] for entry in report["packages"])
    assert {"tqdm", "paceline"} <= {entry["package"] for entry in report["excluded"]}


def test_training_moved_the_loss(work: Path) -> None:
    state = torch.load(work / "target-long.pt", weights_only=True)
    assert state["progress"]["total_tokens"] >= 48_000
    assert state["progress"]["loss"] < 6.0


def test_evaluation_prints_figures_as_json(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["evaluate", "--work", str(work), "--preset", "tiny", "--device", "cpu", "--cases", "4"]
    assert main([*asked, "--prompt-tokens", "120", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["better_order"] in {"psm", "spm"}
    assert 0 < facts["loss"]["target"]["nats"] < 7
    for entry in facts["acceptance"]:
        assert entry["alpha"] == entry["accepted"] / entry["tested"]
    assert main([*asked, "--prompt-tokens", "120"]) == 0
    assert "nats/token" in capsys.readouterr().out


def test_a_later_run_can_start_from_exported_weights(work: Path, tmp_path: Path) -> None:
    for name in ("tokenizer.json", "train.jsonl", "corpus.json", "shards"):
        (tmp_path / name).symlink_to(work / name)
    exported = work / "pair" / "target"
    common = ["--work", str(tmp_path), "--preset", "tiny", "--device", "cpu", "--no-compile"]
    assert main(["target", "--from", str(exported), "--tokens", "1024", *common]) == 0
    moved = torch.load(tmp_path / "target-stable.pt", weights_only=True)["model"]
    start = export.read(exported).state_dict()
    assert not torch.equal(moved["embed_tokens.weight"], start["embed_tokens.weight"])
    torch.testing.assert_close(moved["embed_tokens.weight"], start["embed_tokens.weight"], atol=0.05, rtol=0)


@pytest.mark.parametrize(
    ("verb", "hint"),
    [
        (["tokenizer"], "run the verb `corpus` first"),
        (["target", "--tokens", "10", "--no-compile"], "run the verb `tokenizer` first"),
        (
            ["target", "--phase", "long", "--tokens", "10", "--no-compile"],
            "run the verb `target --phase decay`",
        ),
        (["export"], "train first"),
        (["evaluate"], "run the verb `export` first"),
    ],
)
def test_a_missing_step_is_named(
    verb: list[str], hint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*verb, "--work", str(tmp_path), "--preset", "tiny", "--device", "cpu"]) == 2
    assert hint in capsys.readouterr().err
