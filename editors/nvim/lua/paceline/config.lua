--- The options of `setup`, checked, and whether suggestions are wanted in a buffer.

---@class paceline.Keys
---@field accept? string|false accept all of a suggestion
---@field accept_word? string|false accept its next word
---@field accept_line? string|false accept the rest of its line
---@field next? string|false show the next suggestion; ask for one where none is shown
---@field previous? string|false show the previous one
---@field dismiss? string|false hide the suggestion; it does not come again at its place

---@class paceline.Options
---@field cmd? string[] the language server's command, as a list; its last word is `lsp`
---@field enabled? boolean suggest at all; `:Paceline toggle` changes it
---@field filetypes? string[] where to suggest; all if absent
---@field disabled_filetypes? string[] where not to suggest
---@field ghost? 'auto'|'builtin'|'own' who draws suggestions; auto: Neovim itself from 0.12 on
---@field keys? paceline.Keys|false keys in insert mode; false for none
---@field settings? table<string, any> settings of the language server

local M = {}

---@type paceline.Options
local defaults = {
  enabled = true,
  disabled_filetypes = { 'gitcommit', 'gitrebase', 'help', 'text' },
  ghost = 'auto',
  keys = {
    accept = '<M-l>',
    accept_word = '<M-w>',
    accept_line = '<M-j>',
    next = '<M-n>',
    previous = '<M-p>',
    dismiss = '<M-e>',
  },
  settings = {},
}

local TYPES = {
  cmd = 'table',
  enabled = 'boolean',
  filetypes = 'table',
  disabled_filetypes = 'table',
  ghost = 'string',
  settings = 'table',
}

---@type paceline.Options
M.options = vim.deepcopy(defaults)

---@param value any
---@param name string
local function check(value, name)
  local wanted = TYPES[name]
  if name == 'keys' then
    if type(value) ~= 'table' and value ~= false then
      error("paceline: option 'keys' must be a table or false", 0)
    end
  elseif not wanted then
    error(("paceline: there is no option '%s'; see :help paceline-options"):format(name), 0)
  elseif type(value) ~= wanted then
    error(("paceline: option '%s' must be a %s"):format(name, wanted), 0)
  end
end

---@param keys table<string, any>
local function check_keys(keys)
  for name, key in pairs(keys) do
    if defaults.keys[name] == nil then
      error(("paceline: option 'keys' has no '%s'; see :help paceline-keys"):format(name), 0)
    elseif type(key) ~= 'string' and key ~= false then
      error(("paceline: option 'keys.%s' must be a string or false"):format(name), 0)
    end
  end
end

--- Take the options, over the defaults. Raises an error that names what is wrong.
---@param options? paceline.Options
function M.use(options)
  for name, value in pairs(options or {}) do
    check(value, name)
  end
  local all = vim.tbl_extend('force', vim.deepcopy(defaults), options or {})
  if not vim.tbl_contains({ 'auto', 'builtin', 'own' }, all.ghost) then
    error("paceline: option 'ghost' must be 'auto', 'builtin' or 'own'", 0)
  end
  if all.keys then
    check_keys(all.keys)
    all.keys = vim.tbl_extend('force', defaults.keys, all.keys)
  end
  M.options = all
end

---@param filetype string
---@return boolean
function M.filetype_wanted(filetype)
  local chosen = M.options.filetypes
  return (not chosen or vim.tbl_contains(chosen, filetype))
    and not vim.tbl_contains(M.options.disabled_filetypes, filetype)
end

--- Whether the language server is for this buffer at all: a file, or a new one, and no prompt or terminal.
---@param buf integer
---@return boolean
function M.is_file(buf)
  return vim.api.nvim_buf_is_valid(buf) and vim.bo[buf].buftype == '' and vim.bo[buf].filetype ~= ''
end

--- Whether to suggest in this buffer now.
---@param buf integer
---@return boolean
function M.wanted(buf)
  return M.options.enabled and M.is_file(buf) and M.filetype_wanted(vim.bo[buf].filetype)
end

--- The language server's settings: those of the options and what can be switched in the editor.
---@return table<string, any>
function M.server_settings()
  return vim.tbl_extend('force', M.options.settings, { enabled = M.options.enabled })
end

--- Switch a filetype, or everything, on or off; returns whether it is on now.
---@param filetype? string
---@return boolean
function M.toggle(filetype)
  local options = M.options
  if not filetype then
    options.enabled = not options.enabled
    return options.enabled
  end
  if M.filetype_wanted(filetype) then
    options.disabled_filetypes = vim.list_extend({ filetype }, options.disabled_filetypes)
    return false
  end
  local function is_other(name)
    return name ~= filetype
  end
  options.disabled_filetypes = vim.tbl_filter(is_other, options.disabled_filetypes)
  if options.filetypes and not vim.tbl_contains(options.filetypes, filetype) then
    options.filetypes = vim.list_extend({ filetype }, options.filetypes)
  end
  return true
end

return M
