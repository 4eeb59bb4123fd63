"""One writes at a time, and everybody can see it."""

import fcntl
import multiprocessing
import os
import threading
import time

import pytest

from geodata.release import ReleaseError, is_refreshing, refresh_lock


def hold(data, ready, done):
    with refresh_lock(data):
        ready.set()
        done.wait(30)


def test_one_can_see_that_a_refresh_is_running(tmp_path):
    assert not is_refreshing(tmp_path)
    with refresh_lock(tmp_path):
        assert is_refreshing(tmp_path)
    assert not is_refreshing(tmp_path)


def test_a_second_writer_is_refused_and_told_who_holds_the_lock(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    holder = context.Process(target=hold, args=(tmp_path, ready, done))
    holder.start()
    assert ready.wait(30)
    with pytest.raises(ReleaseError, match=f"process {holder.pid}"), refresh_lock(tmp_path):
        pass
    holder.kill()
    holder.join()
    with refresh_lock(tmp_path):
        assert (tmp_path / "refresh.lock").exists()


def test_who_looks_whether_it_is_held_does_not_keep_a_writer_out(tmp_path):
    with refresh_lock(tmp_path):
        pass
    looking = (tmp_path / "refresh.lock").open("rb")
    fcntl.flock(looking, fcntl.LOCK_SH)
    threading.Timer(0.1, looking.close).start()
    began = time.monotonic()
    with refresh_lock(tmp_path):
        assert time.monotonic() - began >= 0.05
        assert (tmp_path / "refresh.lock").read_text() == str(os.getpid())
