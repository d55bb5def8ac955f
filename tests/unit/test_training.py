"""The chunked driver: seeds, order, checkpoints and resume, with a fake engine."""

import numpy as np
import pytest

from brianmem.errors import InputError, ResultError
from brianmem.network import training


class Network:
    """A network of one state whose every chunk depends on all that came before."""

    block, n_classes, neurons = 10, 2, 3
    state_names, output_names = ("w",), ("counts", "energy")
    settings = {"tau": 0.06}

    def initial_state(self, seed):
        return {"w": np.full(3, float(seed))}

    def inputs(self, state, images, **options):
        return {"w": state["w"], "images": images, **options}

    def counts(self, outputs, n_images):
        return outputs["counts"][:n_images]

    def totals(self, state, outputs):
        return {"energy": outputs["energy"]}


class Engine:
    def __init__(self, fail_at=None):
        self.calls, self.fail_at = [], fail_at

    def run(self, inputs, outputs):
        if len(self.calls) == self.fail_at:
            raise KeyboardInterrupt
        self.calls.append(inputs)
        rng = np.random.default_rng(inputs["seed"])
        learn = float(inputs["learning"])
        return {"w": inputs["w"] + learn * (inputs["images"].mean() + rng.random(3)),
                "counts": rng.integers(0, 3, (10, 3)), "energy": rng.random()}


IMAGES = np.arange(100).reshape(25, 4)
LABELS = np.arange(25) % 2


def run(**options):
    engine = options.pop("engine", None) or Engine()
    return training.train(engine, Network(), IMAGES, LABELS, **options), engine


def same(one, two):
    return np.array_equal(one.state["w"], two.state["w"]) and one.history == two.history \
        and one.totals == two.totals


def test_every_image_is_shown_once_per_epoch_in_a_seeded_order():
    chunks = training.schedule(25, 2, 10, seed=3)
    assert [first for first, _ in chunks] == [0, 10, 20, 25, 35, 45]
    for epoch in (chunks[:3], chunks[3:]):
        assert sorted(np.concatenate([c for _, c in epoch])) == list(range(25))
    assert chunks[0][1].tolist() != chunks[3][1].tolist()
    assert chunks[0][1].tolist() == training.schedule(25, 1, 10, seed=3)[0][1].tolist()
    assert chunks[0][1].tolist() != training.schedule(25, 1, 10, seed=4)[0][1].tolist()


def test_chunk_seeds_differ_by_seed_phase_and_chunk():
    seeds = {training.chunk_seed(s, p, c) for s in range(5) for p in (0, 1) for c in range(50)}
    assert len(seeds) == 500
    assert training.chunk_seed(1, 0, 2) == training.chunk_seed(1, 0, 2) < 2**32


def test_annealing_sees_the_global_index():
    _, engine = run(epochs=2)
    assert [c["first_image"] for c in engine.calls] == [0, 10, 20, 25, 35, 45]
    assert {c["total_images"] for c in engine.calls} == {50}


@pytest.mark.parametrize("fail_at", range(6))
def test_a_run_stopped_anywhere_and_resumed_equals_one_that_was_not(tmp_path, fail_at):
    whole, _ = run(epochs=2, seed=5)
    file = tmp_path / "checkpoint.npz"
    with pytest.raises(KeyboardInterrupt):
        run(epochs=2, seed=5, checkpoint=file, engine=Engine(fail_at))
    rest, engine = run(epochs=2, seed=5, checkpoint=file, resume=True)
    assert same(whole, rest)
    assert len(engine.calls) == 6 - fail_at


def test_resume_of_a_finished_run_computes_nothing(tmp_path):
    done, _ = run(checkpoint=tmp_path / "c.npz")
    again, engine = run(checkpoint=tmp_path / "c.npz", resume=True)
    assert same(done, again)
    assert engine.calls == []


def test_resume_without_a_checkpoint_starts_from_zero(tmp_path):
    _, engine = run(checkpoint=tmp_path / "c.npz", resume=True)
    assert len(engine.calls) == 3


@pytest.mark.parametrize(("change", "name"), [({"seed": 1}, "seed"), ({"epochs": 2}, "epochs")])
def test_resume_with_other_settings_names_the_difference(tmp_path, change, name):
    run(checkpoint=tmp_path / "c.npz")
    with pytest.raises(InputError, match=f"--resume.*with {name} = "):
        run(checkpoint=tmp_path / "c.npz", resume=True, **change)


@pytest.mark.parametrize(("images", "labels"), [(IMAGES + 1, LABELS), (IMAGES, 1 - LABELS)])
def test_resume_with_other_data_of_the_same_size_is_refused(tmp_path, images, labels):
    run(checkpoint=tmp_path / "c.npz")
    with pytest.raises(InputError, match="--resume.*another data"):
        training.train(Engine(), Network(), images, labels, checkpoint=tmp_path / "c.npz",
                       resume=True)


def test_resume_with_another_engine_is_refused(tmp_path):
    class Other(Engine):
        pass

    run(checkpoint=tmp_path / "c.npz")
    with pytest.raises(InputError, match="with engine = Engine, not Other"):
        run(checkpoint=tmp_path / "c.npz", resume=True, engine=Other())


def test_a_long_setting_that_differs_is_shown_where_it_does(tmp_path, monkeypatch):
    for start in ("tau = 1", "tau = 2"):
        monkeypatch.setattr(Network, "settings", {"device": "x" * 500 + start + "y" * 500})
        if start.endswith("1"):
            run(checkpoint=tmp_path / "c.npz")
    with pytest.raises(InputError, match="another device.*tau = 1y.*tau = 2y") as caught:
        run(checkpoint=tmp_path / "c.npz", resume=True)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("change", [
    {"state:w": None}, {"state:w": np.zeros(2)}, {"meta": np.array("{}")},
    {"meta": np.array("[]")}, {"meta": np.array(1)}])
def test_a_checkpoint_that_lacks_something_is_one_error_with_a_remedy(tmp_path, change):
    run(checkpoint=tmp_path / "c.npz")
    with np.load(tmp_path / "c.npz") as archive:
        content = {**archive, **change}
    np.savez(tmp_path / "c.npz", **{k: v for k, v in content.items() if v is not None})
    with pytest.raises(InputError, match="cannot be read.*delete it"):
        run(checkpoint=tmp_path / "c.npz", resume=True)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"not an archive"])
def test_a_damaged_checkpoint_is_one_error_with_a_remedy(tmp_path, content):
    (tmp_path / "c.npz").write_bytes(content)
    with pytest.raises(InputError, match="cannot be read.*delete it"):
        run(checkpoint=tmp_path / "c.npz", resume=True)


def test_a_failed_write_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    run(checkpoint=tmp_path / "c.npz")
    before = (tmp_path / "c.npz").read_bytes()

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(training.np, "savez", full)
    with pytest.raises(ResultError, match="c.npz: No space.*resume"):
        run(checkpoint=tmp_path / "c.npz")
    assert (tmp_path / "c.npz").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["c.npz"]


def test_totals_add_up_over_chunks_and_history_starts_with_the_second():
    progress, _ = run()
    assert progress.totals["energy"] > 0
    assert [seen for seen, _ in progress.history] == [20, 25]
    assert len(progress.responses) == 3


def test_labels_never_influence_learning():
    one, _ = run()
    other = training.train(Engine(), Network(), IMAGES, 1 - LABELS)
    assert np.array_equal(one.state["w"], other.state["w"])


def test_responding_shows_all_images_in_order_without_learning():
    engine, network = Engine(), Network()
    counts, totals = training.respond(engine, network, {"w": np.zeros(3)}, IMAGES)
    assert counts.shape == (25, 3)
    assert [len(c["images"]) for c in engine.calls] == [10, 10, 5]
    assert not any(c["learning"] for c in engine.calls)
    assert totals["energy"] > 0


def test_side_by_side_chunks_give_the_same_counts_as_one_after_another():
    engine, network = Engine(), Network()
    alone, _ = training.respond(engine, network, {"w": np.zeros(3)}, IMAGES)
    engine.parallel = True
    beside, _ = training.respond(engine, network, {"w": np.zeros(3)}, IMAGES, workers=3)
    assert np.array_equal(alone, beside)
