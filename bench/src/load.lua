-- Sends the bodies of a file, one a line, in turn, with the headers of the command line.

local requests = {}
local at = 0

function init(args)
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format('POST', nil, nil, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nload {"requests":%d,"bytes":%d,"durationUs":%d,"p99Us":%d,"failed":%d}\n',
    summary.requests, summary.bytes, summary.duration, latency:percentile(99),
    errors.status + errors.connect + errors.read + errors.write + errors.timeout
  ))
end
