! Strings whose length is known at run time only.
program p
  character*10 a
  a = 'hello'
  call s(a, 3)
  call s('xyz', 2)
  if ('a'//char(255) > 'a') print *, 'characters have no sign'
  if ('ab' > 'a ' .and. 'a' == 'a  ') print *, 'padded'
end program
subroutine s(f, n)
  character*(*) f
  character*5 g
  write (*,'(a)') 'name "' // trim(f) // '".'
  call t(f//char(33)//f(1:n))
  if (f//'b' .eq. 'xyzb') print *, 'same'
  if (trim(f)//'b' .eq. 'xyzb') then
    print *, 'same too'
  end if
  do 10 i = 1, 2
    call t(trim(f)//f(i:))
10 continue
  g = adjustl('  '//f)
  print *, f(1:len_trim(f)), '|', f(:len_trim(f) - 1), ichar(f(len_trim(f):))
  call t(f(1:len_trim(f)))
  print *, g, '|', adjustr(g), '|', repeat('ab', n), len(f//g)
  print *, len(trim(f)//'x'), index(f//'!', '!'), repeat('-', 3)//'>'
end subroutine
subroutine t(x)
  character*(*) x
  print *, len(x), '[', x, ']'
end subroutine
