-- wrk: POST /api/sms/send, every request to a number never used before in this run.
-- Environment: FIRST_NUMBER, the national number the first thread begins with.
local thread_count = 0

function setup(thread)
  thread:set("id", thread_count)
  thread_count = thread_count + 1
end

function init(args)
  next_number = 13000000000 + (tonumber(os.getenv("FIRST_NUMBER") or "0")) + id * 100000000
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  next_number = next_number + 1
  local body = string.format('{"data":{"attributes":{"mobile":"%d","type":"login"}}}', next_number)
  return wrk.format(nil, "/api/sms/send", nil, body)
end

local bad = 0
function response(status, headers, body)
  if status ~= 201 then bad = bad + 1 end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("RESULT requests=%d seconds=%.3f rate=%.0f p50_us=%d p99_us=%d not2xx=%d socket_errors=%d\n",
    summary.requests, summary.duration / 1e6, summary.requests / (summary.duration / 1e6),
    latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
