--- Ghost text of our own: for Neovim 0.10 and 0.11, and where asked for.

local asking = require('paceline.asking')
local config = require('paceline.config')
local server = require('paceline.server')
local suggestions = require('paceline.suggestion')

local M = {}

M.space = vim.api.nvim_create_namespace('paceline.ghost')

---@class paceline.Shown what a buffer has to show
---@field client vim.lsp.Client
---@field items paceline.Suggestion[]
---@field index integer which of them is chosen
---@field by_hand boolean whether the user asked for them
---@field told table<integer, boolean> which of them the server knows were seen
---@field asked? string the place that was last asked for

---@type table<integer, paceline.Shown>
local buffers = {}

---@param buf integer
---@return integer
local function group_of(buf)
  return vim.api.nvim_create_augroup('paceline.own.' .. buf, { clear = true })
end

---@param buf integer
---@return boolean
local function in_insert_mode(buf)
  return vim.api.nvim_get_current_buf() == buf and vim.startswith(vim.api.nvim_get_mode().mode, 'i')
end

---@param buf integer
---@param line string
---@return string
local function without_tabs(buf, line)
  return (line:gsub('\t', (' '):rep(vim.bo[buf].tabstop)))
end

--- Draw the text at the cursor, its first line within the line, the others below.
---@param buf integer
---@param text string
---@param hint string
local function draw(buf, text, hint)
  local row, column = suggestions.cursor(buf)
  if not row then
    return
  end
  local lines = {} ---@type [string, string][][]
  for line in vim.gsplit(text, '\n', { plain = true }) do
    lines[#lines + 1] = { { without_tabs(buf, line), 'PacelineSuggestion' } }
  end
  if hint ~= '' then
    table.insert(lines[#lines], { hint, 'PacelineHint' })
  end
  vim.api.nvim_buf_set_extmark(buf, M.space, row, column, {
    id = 1,
    virt_text = lines[1],
    virt_text_pos = 'inline',
    virt_lines = vim.list_slice(lines, 2),
    hl_mode = 'combine',
  })
end

---@param buf integer
local function erase(buf)
  if vim.api.nvim_buf_is_valid(buf) then
    vim.api.nvim_buf_clear_namespace(buf, M.space, 0, -1)
  end
end

--- The suggestion at the cursor; nil where there is none, or a popup menu has its place.
---@param buf integer
---@return paceline.Suggestion?, string? rest what of it is still to come
function M.current(buf)
  local shown = buffers[buf]
  local chosen = shown and shown.items[shown.index]
  if not chosen or vim.fn.pumvisible() == 1 or not in_insert_mode(buf) then
    return nil
  end
  local rest = suggestions.rest(buf, chosen)
  if rest then
    return chosen, rest
  end
end

--- Draw what there is for the cursor as it is now.
---@param buf integer
local function refresh(buf)
  local chosen, rest = M.current(buf)
  if not chosen or not rest then
    erase(buf)
    return
  end
  local shown = buffers[buf]
  local hint = ''
  if shown.by_hand and #shown.items > 1 then
    hint = (' (%d/%d)'):format(shown.index, #shown.items)
  end
  draw(buf, rest, hint)
  if not shown.told[shown.index] then
    shown.told[shown.index] = true
    server.notify(shown.client.id, 'textDocument/didShowCompletion', { item = chosen.item })
  end
end

--- Show one of several items.
---@param buf integer
---@param items paceline.Item[]
---@param index integer
---@param by_hand boolean
function M.put(buf, items, index, by_hand)
  local shown = buffers[buf]
  if not shown then
    return
  end
  shown.items = vim.tbl_map(function(item)
    return suggestions.new(buf, shown.client, item)
  end, items)
  shown.index, shown.by_hand, shown.told = index, by_hand, {}
  refresh(buf)
end

--- Show another one of those there are.
---@param buf integer
---@param index integer
function M.choose(buf, index)
  buffers[buf].index = index
  refresh(buf)
end

--- How many suggestions there are at the cursor that the user asked for, and which is chosen.
---@param buf integer
---@return integer count, integer index
function M.choice(buf)
  local shown = buffers[buf]
  if not shown or not shown.by_hand or not M.current(buf) then
    return 0, 0
  end
  return #shown.items, shown.index
end

--- Forget and hide what there is.
---@param buf integer
function M.clear(buf)
  local shown = buffers[buf]
  asking.cancel(buf)
  if shown then
    shown.items, shown.by_hand = {}, false
  end
  erase(buf)
end

--- Ask for a suggestion at the cursor, unasked, where that was not done yet.
---@param buf integer
local function ask(buf)
  local shown = buffers[buf]
  if
    not shown
    or not in_insert_mode(buf)
    or vim.fn.pumvisible() == 1
    or shown.asked == suggestions.place(buf)
  then
    return
  end
  shown.asked = suggestions.place(buf)
  asking.ask(buf, shown.client, asking.TRIGGER.UNASKED, function(items)
    if in_insert_mode(buf) then
      M.put(buf, items, 1, false)
    end
  end)
end

--- Ask once more at the cursor, unasked.
---@param buf integer
function M.ask(buf)
  if buffers[buf] then
    buffers[buf].asked = nil
    ask(buf)
  end
end

---@param buf integer
local function moved(buf)
  refresh(buf)
  vim.schedule(function()
    if vim.api.nvim_buf_is_valid(buf) then
      ask(buf)
    end
  end)
end

--- Suggest in a buffer.
---@param buf integer
---@param client vim.lsp.Client
function M.attach(buf, client)
  buffers[buf] = { client = client, items = {}, index = 1, by_hand = false, told = {} }
  local group = group_of(buf)
  local function on(events, act)
    vim.api.nvim_create_autocmd(events, { group = group, buffer = buf, callback = act })
  end
  on({ 'InsertEnter', 'CursorMovedI', 'TextChangedI', 'TextChangedP', 'CompleteDone' }, function()
    if config.wanted(buf) then
      moved(buf)
    end
  end)
  on('CompleteChanged', function()
    erase(buf)
  end)
  on({ 'InsertLeave', 'BufLeave', 'WinLeave' }, function()
    M.clear(buf)
    if buffers[buf] then
      buffers[buf].asked = nil
    end
  end)
end

--- Suggest no more in a buffer.
---@param buf integer
function M.detach(buf)
  M.clear(buf)
  buffers[buf] = nil
  group_of(buf)
end

--- A part of a suggestion went into the text; what is left follows from the text.
---@param buf integer
function M.took_part(buf)
  refresh(buf)
end

return M
