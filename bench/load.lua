-- wrk's script: POST the bodies of a file, one after the other, and print what came out.
--
-- usage: wrk … -s load.lua URL -- BODIES PATH DELAY
--   BODIES  a file with one review a line; every request is built before the load begins
--   PATH    where to post
--   DELAY   mean pause in milliseconds of a connection between an answer and its next request;
--           0: none. The pauses are spread evenly between nothing and twice the mean.

local requests = {}
local at = 0

local HEADERS = {
    ["Content-Type"] = "application/json",
    ["Accept"] = "application/json, */*",
    ["Accept-Encoding"] = "gzip",
    ["User-Agent"] = "kube-apiserver-admission",
}

function init(args)
    for line in io.lines(args[1]) do
        requests[#requests + 1] = wrk.format("POST", args[2] .. "?timeout=10s", HEADERS, line)
    end
    local pause = tonumber(args[3])
    if pause > 0 then
        math.randomseed(1)
        function delay()
            return math.random(0, 2 * pause)
        end
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"reviews": %d, "seconds": %.6f, "bytes": %d, "refused": %d, "broken": %d, ' ..
        '"p50_us": %d, "p99_us": %d, "p999_us": %d, "max_us": %d}\n',
        summary.requests, summary.duration / 1e6, summary.bytes, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99), latency:percentile(99.9), latency.max))
end
