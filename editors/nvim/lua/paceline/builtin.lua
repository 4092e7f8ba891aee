--- Neovim's own inline completion (0.12), and what it has no public function for.
---
--- Public are `enable`, `select`, which moves among several that stand, and `get`, which accepts. `get` does so
--- only in the next turn of the loop, after the undo point behind it, and hides what is left of a part. So that,
--- knowing what is shown, hiding it, and asking for several or once more go through the object that Neovim keeps
--- for a buffer. It is private to Neovim: `supported` looks whether it is as we know it, and where it is not we
--- draw ourselves.

local config = require('paceline.config')
local server = require('paceline.server')
local suggestions = require('paceline.suggestion')

local M = {}

local USED = { 'abort', 'automatic_request', 'count_items', 'get_item', 'hide', 'reset_timer', 'select' }

---@class paceline.PartlyTaken a suggestion that continues on a later line than it began
---@field suggestion paceline.Suggestion
---@field item paceline.Item what Neovim was given for the rest

---@type table<integer, paceline.PartlyTaken>
local partly = {}

---@type table<integer, paceline.Item[]>
local by_hand = {}

---@type table<integer, boolean> where we switched inline completion on
local attached = {}

--- Whether this Neovim has inline completion, with what we use of it.
---@return boolean
function M.supported()
  if not vim.lsp.inline_completion then
    return false
  end
  local found, capability = pcall(require, 'vim.lsp._capability')
  local completor = found and capability.all and capability.all.inline_completion
  if not completor or type(completor.active) ~= 'table' then
    return false
  end
  for _, name in ipairs(USED) do
    if type(completor[name]) ~= 'function' then
      return false
    end
  end
  return true
end

---@param buf integer
---@return vim.lsp.inline_completion.Completor?
local function completor_of(buf)
  return require('vim.lsp._capability').all.inline_completion.active[buf]
end

---@param buf integer
---@return vim.lsp.Client?
local function client_of(buf)
  return server.clients(buf)[1]
end

--- The item that Neovim shows, if it is ours, and its client.
---@param buf integer
---@return paceline.Item?, vim.lsp.Client?
local function item_of(buf)
  local completor = completor_of(buf)
  local current = completor and completor.current
  local client = client_of(buf)
  if not completor or not current or not client or current.client_id ~= client.id then
    return nil
  end
  local _, item = completor:get_item(current._index)
  return item, client
end

--- The suggestion at the cursor; nil where there is none of ours, or a popup menu has its place.
---@param buf integer
---@return paceline.Suggestion?, string? rest what of it is still to come
function M.current(buf)
  local item, client = item_of(buf)
  if not item or not client or vim.fn.pumvisible() == 1 then
    return nil
  end
  local known = partly[buf]
  local suggestion = known and known.item == item and known.suggestion or suggestions.new(buf, client, item)
  local rest = suggestions.rest(buf, suggestion)
  if rest then
    return suggestion, rest
  end
end

--- Have Neovim show one of our items. Those of other servers stay.
---@param buf integer
---@param items paceline.Item[]
---@param index integer
---@param hint boolean whether to say how many there are
local function show(buf, items, index, hint)
  local completor, client = completor_of(buf), client_of(buf)
  local state = completor and client and completor.client_state[client.id]
  if not completor or not client or not state then
    return
  end
  state.items = items
  for id, other in pairs(completor.client_state) do
    index = index + (id < client.id and other.items and #other.items or 0)
  end
  completor:select(index, hint)
end

--- Show one of several items.
---@param buf integer
---@param items paceline.Item[]
---@param index integer
---@param wished boolean whether the user asked for them
function M.put(buf, items, index, wished)
  local completor = completor_of(buf)
  if completor then
    completor:reset_timer()
    by_hand[buf] = wished and items or nil
    show(buf, items, index, wished and #items > 1)
  end
end

--- Show another one of those there are.
---@param buf integer
---@param index integer
function M.choose(buf, index)
  local count, now = M.choice(buf)
  if count > 0 and completor_of(buf):count_items() == count then
    vim.lsp.inline_completion.select({ bufnr = buf, count = index - now })
  else
    show(buf, by_hand[buf], index, true) -- not those of other servers
  end
end

--- Ask once more at the cursor, unasked.
---@param buf integer
function M.ask(buf)
  local completor = completor_of(buf)
  if completor then
    completor:automatic_request()
  end
end

--- How many suggestions there are at the cursor that the user asked for, and which is chosen.
---@param buf integer
---@return integer count, integer index
function M.choice(buf)
  local item = item_of(buf)
  for index, wished in ipairs(by_hand[buf] or {}) do
    if wished == item then
      return #by_hand[buf], index
    end
  end
  return 0, 0
end

--- Forget and hide what there is.
---@param buf integer
function M.clear(buf)
  local completor = completor_of(buf)
  if completor then
    completor:abort()
  end
  partly[buf], by_hand[buf] = nil, nil
end

--- Have Neovim hide what no longer fits the text, and what a popup menu has the place of.
---@param buf integer
local function hide_misfit(buf)
  local completor = completor_of(buf)
  if completor and item_of(buf) and not M.current(buf) then
    completor:hide()
  end
end

--- Suggest in a buffer.
---@param buf integer
function M.attach(buf)
  attached[buf] = true
  vim.lsp.inline_completion.enable(true, { bufnr = buf })
  local group = vim.api.nvim_create_augroup('paceline.builtin.' .. buf, { clear = true })
  vim.api.nvim_create_autocmd({ 'CursorMovedI', 'TextChangedP', 'CompleteChanged' }, {
    group = group,
    buffer = buf,
    callback = function()
      hide_misfit(buf)
    end,
  })
  vim.api.nvim_create_autocmd('LspRequest', {
    group = group,
    buffer = buf,
    callback = function(event)
      if event.data.request.type == 'complete' and config.is_file(buf) then
        vim.schedule(function() -- after Neovim drew the answer
          hide_misfit(buf)
        end)
      end
    end,
  })
end

--- Suggest no more in a buffer.
---@param buf integer
function M.detach(buf)
  vim.api.nvim_create_augroup('paceline.builtin.' .. buf, { clear = true })
  partly[buf], by_hand[buf] = nil, nil
  local ours = attached[buf]
  attached[buf] = nil
  if ours and vim.api.nvim_buf_is_valid(buf) then
    vim.lsp.inline_completion.enable(false, { bufnr = buf })
  end
end

--- A part of a suggestion went into the text. Neovim draws on the line where an item begins, so it is given
--- what is left from the cursor's line on.
---@param buf integer
---@param suggestion paceline.Suggestion
---@param rest string what is left of it
function M.took_part(buf, suggestion, rest)
  local completor, client = completor_of(buf), client_of(buf)
  local row, column = suggestions.cursor(buf)
  if not completor or not client or not row or row == suggestion.row then
    return -- drawn when the movement of the cursor is heard of
  end
  local line = vim.api.nvim_get_current_line():sub(1, column)
  local here = vim.lsp.util.make_position_params(0, client.offset_encoding).position
  local item = {
    insertText = line .. rest,
    range = { start = { line = row, character = 0 }, ['end'] = here },
    command = suggestion.item.command,
  }
  partly[buf] = { suggestion = suggestion, item = item }
  completor:reset_timer()
  by_hand[buf] = nil
  show(buf, { item }, 1, false)
end

return M
