#!/bin/bash
# pytest-xdist 3.8.0 with pytest 9.2.0: `--dist loadgroup` no longer keeps the tests of one xdist_group in one worker, and
# says nothing. xdist writes the group's name into an attribute of the test that pytest 9.2 does not read any more, so the scheduler
# sees no group. With pytest 8.4.2 the same tests run in one process. Tests that share a port or a server by being in one group
# run beside each other after the upgrade.
#
# Source: run here, with https://pypi.org/project/pytest-xdist/3.8.0/ (xdist/remote.py, pytest_collection_modifyitems)
# and https://pytest-xdist.readthedocs.io/en/stable/distribution.html
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > test_group.py <<'PYTHON'
import os
import time

import pytest


@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("number", range(8))
def test_it(number):
    time.sleep(0.2)
    with open("log", "a") as log:
        print(os.getpid(), file=log)
PYTHON
python3 -m venv venv
for case in "8.4.2 1" "9.2.0 2"; do
    read -r version expected <<< "$case"
    venv/bin/pip install -q "pytest==$version" pytest-xdist==3.8.0
    rm -f log
    venv/bin/python -m pytest -q -p no:cacheprovider -n 2 --dist loadgroup > output
    processes=$(sort -u log | wc -l)
    echo "pytest $version: the eight tests of one group ran in $processes process(es)"
    test "$processes" = "$expected"
done
