module pratique.dev/tests/parts/referrers

go 1.26.0

tool pratique.dev/tests/parts/referrers

require github.com/google/go-containerregistry v0.22.1
