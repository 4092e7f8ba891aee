--- Keys in insert mode. Each does what it did before where there is no suggestion, or a popup menu is open.

local act = require('paceline.act')
local config = require('paceline.config')

local M = {}

local UNDO = '<C-g>u' -- what is typed before, the suggestion, and what is typed after are undone apart

---@class paceline.Action
---@field keys string what an expression mapping gives to do it
---@field always boolean whether it is done without a suggestion too

---@param part string
---@return paceline.Action
local function take(part)
  local command = ("<Cmd>lua require('paceline.act').take('%s')<CR>"):format(part)
  return { keys = UNDO .. command .. UNDO, always = false }
end

---@type table<string, paceline.Action>
M.actions = {
  accept = take('all'),
  accept_word = take('word'),
  accept_line = take('line'),
  next = { keys = "<Cmd>lua require('paceline.act').cycle(1)<CR>", always = true },
  previous = { keys = "<Cmd>lua require('paceline.act').cycle(-1)<CR>", always = true },
  dismiss = { keys = "<Cmd>lua require('paceline.act').dismiss()<CR>", always = false },
}

---@type { key: string, before: table<string, any> }[]
local mapped = {}

---@param action paceline.Action
---@return boolean
local function applies(action)
  return act.available() or (action.always and vim.fn.pumvisible() == 0)
end

---@param keys string
---@return string
local function coded(keys)
  return vim.api.nvim_replace_termcodes(keys, true, true, true)
end

--- Do what a mapping of ours replaced, where that is a function that may change the text.
---@param number integer
function M.run_before(number)
  mapped[number].before.callback()
end

--- The keys of what was mapped before: as an expression mapping gives them.
---@param before table<string, any> as maparg() describes it
---@return string
local function evaluated(before)
  local result = before.callback and before.callback() or before.rhs and vim.api.nvim_eval(before.rhs) or ''
  result = tostring(result)
  return before.replace_keycodes == 1 and coded(result) or result
end

--- What a key gave before we mapped it, as keys. An Alt key without a mapping would leave insert mode: as one
--- that waits for a suggestion it gives nothing.
---@param number integer of our mapping
---@return string
local function without_us(number)
  local key, before = mapped[number].key, mapped[number].before
  if vim.tbl_isempty(before) then
    return key:match('^<[MmAa]%-') and '' or coded(key)
  elseif before.expr ~= 1 and before.callback then
    return coded(("<Cmd>lua require('paceline.keys').run_before(%d)<CR>"):format(number))
  end
  local keys = before.expr == 1 and evaluated(before) or coded(before.rhs)
  if before.noremap == 1 then
    return keys
  end
  vim.api.nvim_feedkeys(keys, 'mi', false)
  return ''
end

---@param key string
---@param name string of the action
local function map(key, name)
  local action, number = M.actions[name], #mapped + 1
  mapped[number] = { key = key, before = vim.fn.maparg(key, 'i', false, true) }
  vim.keymap.set('i', key, function()
    return applies(action) and coded(action.keys) or without_us(number)
  end, { expr = true, replace_keycodes = false, desc = 'paceline: ' .. name:gsub('_', ' ') })
end

--- Define the <Plug> mappings: without a suggestion they do nothing.
local function define_plugs()
  for name, action in pairs(M.actions) do
    local plug = ('<Plug>(paceline-%s)'):format(name:gsub('_', '-'))
    vim.keymap.set('i', plug, function()
      return applies(action) and action.keys or ''
    end, { expr = true, desc = 'paceline: ' .. name:gsub('_', ' ') })
  end
end

--- Take our mappings away and give keys back what they had.
local function unmap()
  for _, entry in ipairs(mapped) do
    vim.keymap.del('i', entry.key)
    if not vim.tbl_isempty(entry.before) then
      vim.fn.mapset('i', false, entry.before)
    end
  end
  mapped = {}
end

--- Map keys by the options. Keys of the defaults are left alone where something else has them.
---@param chosen paceline.Keys what the user named
function M.use(chosen)
  unmap()
  define_plugs()
  for name, key in pairs(config.options.keys or {}) do
    if key and (chosen[name] or vim.fn.maparg(key, 'i') == '') then
      map(key, name)
    end
  end
end

return M
