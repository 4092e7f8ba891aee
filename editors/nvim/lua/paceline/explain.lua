--- What the last suggestion was made of: who proposed each token, in colours, its counts and times.

local float = require('paceline.float')
local server = require('paceline.server')

local M = {}

local SPACE = vim.api.nvim_create_namespace('paceline.explain')

---@type { name: string, group: string, meaning: string }[]
local ORIGINS = {
  { name = 'draft', group = 'PacelineDraft', meaning = 'from the draft model, accepted' },
  { name = 'lookup', group = 'PacelineLookup', meaning = 'copied from earlier in the file, accepted' },
  { name = 'replay', group = 'PacelineReplay', meaning = 'as suggested or deleted before, accepted' },
  { name = 'target', group = 'PacelineTarget', meaning = "the target's own" },
}

---@class paceline.Token
---@field text string
---@field origin string

---@class paceline.Explanation what the server answers; times in milliseconds
---@field tokens paceline.Token[]
---@field text string
---@field shown string
---@field finish string
---@field drafted integer
---@field tested integer
---@field accepted integer
---@field emitted integer
---@field passes integer
---@field ms table<string, number>
---@field saved_ms? number[] and the bounds of its 95 % interval

--- Where tokens stand in the lines they make: row, first and last column, and origin of each piece.
---@param tokens paceline.Token[]
---@return string[] lines, [integer, integer, integer, string][] pieces
local function laid_out(tokens)
  local lines, pieces = { '' }, {}
  for _, token in ipairs(tokens) do
    for index, piece in ipairs(vim.split(token.text, '\n', { plain = true })) do
      if index > 1 then
        lines[#lines + 1] = ''
      end
      local start = #lines[#lines]
      lines[#lines] = lines[#lines] .. piece
      pieces[#pieces + 1] = { #lines - 1, start, #lines[#lines], token.origin }
    end
  end
  return lines, pieces
end

--- The counts, the times, and what was saved and left out, a line each.
---@param told paceline.Explanation
---@return string[]
local function figures(told)
  local function rate(name, part, whole)
    return whole > 0 and (' (%s %.2f)'):format(name, part / whole) or ''
  end
  local ms, saved = told.ms, told.saved_ms
  local lines = {
    ('%d tokens in %d passes of the target'):format(told.emitted, told.passes)
      .. rate('τ', told.emitted, told.passes),
    ('drafted %d, tested %d, accepted %d'):format(told.drafted, told.tested, told.accepted)
      .. rate('α', told.accepted, told.tested),
    ('first text %.0f ms, total %.0f ms'):format(ms.first, ms.total),
    ('prompt %.0f ms, drafting %.0f ms, verifying %.0f ms'):format(ms.prompt, ms.draft, ms.verify),
    'ended by ' .. told.finish .. (told.text == told.shown and '' or '; not all of it was suggested'),
  }
  if type(saved) == 'table' then
    table.insert(lines, 5, ('saved %.1f ms (95 %%: %.1f to %.1f)'):format(unpack(saved)))
  end
  return lines
end

---@param told paceline.Explanation
local function show(told)
  local lines, pieces = laid_out(told.tokens)
  lines[#lines + 1] = ''
  for _, origin in ipairs(ORIGINS) do
    local count = #vim.tbl_filter(function(token)
      return token.origin == origin.name
    end, told.tokens)
    lines[#lines + 1] = ('%s %d, %s'):format(origin.name, count, origin.meaning)
    pieces[#pieces + 1] = { #lines - 1, 0, #origin.name, origin.name }
  end
  lines[#lines + 1] = ''
  vim.list_extend(lines, figures(told))
  local groups = {}
  for _, origin in ipairs(ORIGINS) do
    groups[origin.name] = origin.group
  end
  local buf = float.open('paceline explain', lines)
  for _, piece in ipairs(pieces) do
    local mark = { end_col = piece[3], hl_group = groups[piece[4]] }
    vim.api.nvim_buf_set_extmark(buf, SPACE, piece[1], piece[2], mark)
  end
end

--- Show what the last suggestion of this buffer's server was made of.
function M.run()
  local buf = vim.api.nvim_get_current_buf()
  local client = server.clients(buf)[1] or server.clients()[1]
  local function answered(_, told)
    if type(told) == 'table' and #told.tokens > 0 then
      show(told)
    else
      vim.notify('paceline: nothing was suggested yet')
    end
  end
  if not client then
    answered()
    return
  end
  server.request(client, 'workspace/executeCommand', { command = 'paceline.explainLast' }, answered, buf)
end

return M
