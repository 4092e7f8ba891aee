--- paceline in Neovim: code completion by a daemon on this machine.

local act = require('paceline.act')
local config = require('paceline.config')

local M = {}

local set_up = false

--- Whether `setup` was called.
---@return boolean
function M.is_set_up()
  return set_up
end

local HIGHLIGHTS = {
  PacelineSuggestion = vim.fn.hlexists('ComplHint') == 1 and 'ComplHint' or 'NonText',
  PacelineHint = vim.fn.hlexists('ComplHintMore') == 1 and 'ComplHintMore' or 'MoreMsg',
  PacelineDraft = 'DiffAdd',
  PacelineLookup = 'DiffChange',
  PacelineReplay = 'DiffText',
  PacelineTarget = 'Search',
}

local function define_highlights()
  for name, link in pairs(HIGHLIGHTS) do
    vim.api.nvim_set_hl(0, name, { default = true, link = link })
  end
end

---@param event { buf: integer, data: { client_id: integer } }
local function attached(event)
  local client = vim.lsp.get_client_by_id(event.data.client_id)
  if client and client.name == require('paceline.server').NAME then
    require('paceline.display').follow(event.buf)
  end
end

---@param event { buf: integer, data: { client_id: integer } }
local function detached(event)
  local client = vim.lsp.get_client_by_id(event.data.client_id)
  if client and client.name == require('paceline.server').NAME then
    vim.schedule(function() -- by then it is detached, and perhaps another one attached
      require('paceline.display').follow(event.buf)
    end)
  end
end

--- The user looks at a file: models that were unloaded are wanted soon, and the prompt of the place.
---@param event { buf: integer }
local function focused(event)
  local server = require('paceline.server')
  for _, client in ipairs(config.wanted(event.buf) and server.clients(event.buf) or {}) do
    local place = { textDocument = { uri = vim.uri_from_bufnr(event.buf) } }
    if event.buf == vim.api.nvim_get_current_buf() then
      place = vim.lsp.util.make_position_params(0, client.offset_encoding)
    end
    server.notify(client.id, 'textDocument/didFocus', place)
  end
end

local function listen()
  local group = vim.api.nvim_create_augroup('paceline', { clear = true })
  local function on(event, act_on)
    vim.api.nvim_create_autocmd(event, { group = group, callback = act_on })
  end
  on('LspAttach', attached)
  on('LspDetach', detached)
  on({ 'BufEnter', 'FocusGained' }, focused)
  on('ColorScheme', define_highlights)
  require('paceline.status').listen(group)
  require('paceline.server').enable(group)
end

--- Set everything up; again, to take other options.
---@param options? paceline.Options
function M.setup(options)
  if vim.fn.has('nvim-0.10') == 0 then
    vim.notify('paceline needs Neovim 0.10 or newer', vim.log.levels.ERROR)
    return
  end
  config.use(options)
  set_up = true
  define_highlights()
  require('paceline.commands').define()
  require('paceline.keys').use(options and options.keys or {})
  listen()
  require('paceline.display').follow_all()
end

--- Accept all of the suggestion. For mappings `<Plug>(paceline-accept)` is better: it makes an undo point.
---@return boolean done false where there is no suggestion
function M.accept()
  return act.take('all')
end

--- Accept the next word of the suggestion.
---@return boolean done
function M.accept_word()
  return act.take('word')
end

--- Accept the suggestion's line.
---@return boolean done
function M.accept_line()
  return act.take('line')
end

--- Show the next suggestion; ask for one where none is shown.
function M.next()
  act.cycle(1)
end

--- Show the previous suggestion.
function M.previous()
  act.cycle(-1)
end

--- Hide the suggestion; it does not come again at its place.
---@return boolean done
function M.dismiss()
  return act.dismiss()
end

--- Whether there is a suggestion to accept, for mappings of one's own.
---@return boolean
function M.available()
  return act.available()
end

--- Switch suggestions on or off, of one filetype or at all.
---@param filetype? string
---@return boolean on
function M.toggle(filetype)
  return require('paceline.commands').toggle(filetype)
end

--- For a statusline: 'ready', 'working', 'loading 43%', 'starting', 'off', 'error', 'missing', or '' for a buffer
--- that paceline has nothing to do with.
---@return string
function M.statusline()
  return require('paceline.status').word()
end

return M
