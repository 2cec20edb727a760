-- wrk's script: POST one body again and again, and print what came out.
--
-- usage: wrk … -s load.lua URL -- BODY PATH PAUSE
--   BODY   a file with one review
--   PATH   where to post
--   PAUSE  mean pause in milliseconds of a connection between an answer and its next request;
--          0: none. The pauses are spread evenly between nothing and twice the mean.

local HEADERS = {
    ["Content-Type"] = "application/json",
    ["Accept"] = "application/json, */*",
    ["Accept-Encoding"] = "gzip",
    ["User-Agent"] = "kube-apiserver-admission",
}

local text

function init(args)
    local file = assert(io.open(args[1]))
    local body = file:read("*a")
    file:close()
    text = wrk.format("POST", args[2] .. "?timeout=10s", HEADERS, body)
    local pause = tonumber(args[3])
    if pause > 0 then
        math.randomseed(1)
        function delay()
            return math.random(0, 2 * pause)
        end
    end
end

function request()
    return text
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\n{"reviews": %d, "seconds": %.6f, "bytes": %d, "refused": %d, "broken": %d, ' ..
        '"p50_us": %d, "p99_us": %d, "p999_us": %d, "max_us": %d}\n',
        summary.requests, summary.duration / 1e6, summary.bytes, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99), latency:percentile(99.9), latency.max))
end
