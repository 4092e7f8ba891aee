--- Who proposed each token of the completion at the cursor, in colours.

local cli = require('paceline.cli')
local float = require('paceline.float')

local M = {}

local SPACE = vim.api.nvim_create_namespace('paceline.explain')

---@type table<string, string>
M.GROUPS = {
  draft = 'PacelineDraft',
  lookup = 'PacelineLookup',
  replay = 'PacelineReplay',
  target = 'PacelineTarget',
}

---@class paceline.Token
---@field text string
---@field origin string

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

---@param tokens paceline.Token[]
---@return string[] names, table<string, integer> counts
local function counted(tokens)
  local counts = {}
  for _, token in ipairs(tokens) do
    counts[token.origin] = (counts[token.origin] or 0) + 1
  end
  local names = vim.tbl_keys(counts)
  table.sort(names)
  return names, counts
end

--- Show a completion as `paceline complete --json --explain` tells of it.
---@param done table
local function show(done)
  local lines, pieces = laid_out(done.tokens)
  vim.list_extend(lines, {
    '',
    ('drafted %d, tested %d, accepted %d, emitted %d in %d passes'):format(
      done.drafted,
      done.tested,
      done.accepted,
      done.emitted,
      done.passes
    ),
  })
  local names, counts = counted(done.tokens)
  for _, name in ipairs(names) do
    lines[#lines + 1] = ('%s: %d'):format(name, counts[name])
    pieces[#pieces + 1] = { #lines - 1, 0, #name, name }
  end
  local buf = float.open('paceline explain', lines)
  for _, piece in ipairs(pieces) do
    vim.api.nvim_buf_set_extmark(buf, SPACE, piece[1], piece[2], {
      end_col = piece[3],
      hl_group = M.GROUPS[piece[4]],
    })
  end
end

--- Complete at the cursor of the current window and show where each token came from.
function M.run()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local before = vim.api.nvim_get_current_line():sub(1, column)
  local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(0), ':.')
  local arguments = {
    'complete',
    '-',
    '--at',
    ('%d:%d'):format(row, vim.fn.strchars(before) + 1),
    '--json',
    '--explain',
  }
  if name ~= '' then
    vim.list_extend(arguments, { '--path', name })
  end
  local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\n') .. '\n'
  cli.run(arguments, text, function(result)
    if result.code == 0 then
      show(vim.json.decode(result.stdout))
    else
      vim.notify(cli.said(result), vim.log.levels.WARN)
    end
  end)
end

return M
