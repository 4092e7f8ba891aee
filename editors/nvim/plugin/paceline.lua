-- Starts paceline with `vim.g.paceline` as its options, unless the configuration called `setup` by then.
if vim.g.loaded_paceline or vim.g.paceline == false then
  return
end
vim.g.loaded_paceline = true

local function start()
  local paceline = require('paceline')
  if not paceline.is_set_up() then
    paceline.setup(vim.g.paceline)
  end
end

if vim.v.vim_did_enter == 1 then
  vim.schedule(start)
else
  vim.api.nvim_create_autocmd('VimEnter', { once = true, callback = start })
end
