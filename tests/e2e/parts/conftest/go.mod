module pratique.dev/tests/parts/conftest

go 1.26.0
