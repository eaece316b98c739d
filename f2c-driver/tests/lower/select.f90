subroutine s(n, c)
  character c
  select case (n + 1)
  case default
    n = 0
  case (1, 3:5)
    n = 1
  case (:-7)
    n = 2
  end select
  select case (c)
  case ('a')
    n = 3
  end select
end
