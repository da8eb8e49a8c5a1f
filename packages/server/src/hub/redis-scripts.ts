/**
 * What takes several commands and must be one step. `KEYS[1]` is what it is done to; every script touches that key alone.
 */

/** ARGV: the text. Returns the first one that was ever given. */
export const AGREE = `redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1])`

/** ARGV: time to live, then fields and values. */
export const CREATE = `redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])`

/** ARGV: time to live, how many fields to remove, those, then fields and values. Returns whether the record is there. */
export const UPDATE = `if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local removed = tonumber(ARGV[2])
if removed > 0 then redis.call('HDEL', KEYS[1], unpack(ARGV, 3, 2 + removed)) end
if #ARGV > 2 + removed then redis.call('HSET', KEYS[1], unpack(ARGV, 3 + removed)) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`

/** ARGV: the text, time to live, entries kept. Returns the id. The key is the name of the channel as well. */
export const APPEND = `local id = redis.call('XADD', KEYS[1], 'MAXLEN', '=', ARGV[3], '*', 't', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PUBLISH', KEYS[1], id .. ' ' .. ARGV[1])
return id`

/** The stream stays for a moment without its entries, because a new one might give the same id within a millisecond. */
export const DROP = `if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('XTRIM', KEYS[1], 'MAXLEN', '=', '0')
redis.call('PEXPIRE', KEYS[1], 10000)`
